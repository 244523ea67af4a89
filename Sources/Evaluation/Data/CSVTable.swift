import TensorCore

/// A table of samples: a header with names, and a row for each sample.
///
/// Either each input of the model has a column of its name, and the other columns are left out; or the model has one
/// input, and all columns but the labels are its features, in the table's order.
struct CSVTable {
  private let file: String
  private let names: [String]
  private let labelIndex: Int?
  /// Where each column's fields go, −1 for nowhere.
  private var targets: [Int]
  private var features: [(name: String, dimensions: [Int], fields: CSVColumn)] = []
  private var labels = CSVColumn(for: nil)
  private var count = 0

  /// - Parameters:
  ///   - inputs: of the model; where there are none, all features are one array of numbers without a name.
  ///   - labelColumn: the name of the labels; `labels` or `label` where it is nil, if there is such a column.
  /// - Throws: `DatasetError` that names line and column.
  static func load(_ file: MappedFile, for inputs: [ValueSignature], labelColumn: String?) throws -> Dataset {
    try file.withUnsafeBytes { bytes in
      var reader = CSVReader(bytes)
      guard let header = try reader.record() else {
        throw DatasetError("is empty: a header with the names of the columns comes first")
      }
      var table = try CSVTable(file: file.path, header: header, inputs: inputs, labelColumn: labelColumn)
      while let record = try reader.record() { try table.append(record, line: reader.line) }
      return try table.dataset()
    }
  }

  private init(file: String, header: [ByteString], inputs: [ValueSignature], labelColumn: String?) throws {
    self.file = file
    names = header.map(\.description)
    try Self.check(names)
    let usual = ["labels", "label"].filter { name in !inputs.contains { $0.name == name } }
    labelIndex = try Self.labelIndex(among: names, labelColumn, usual)
    targets = [Int](repeating: -1, count: names.count)
    if inputs.count > 1 || inputs.contains(where: { names.contains($0.name) && Self.takesOneValue($0) }) {
      try addColumns(for: inputs)
    } else {
      addMatrix(for: inputs.first)
    }
  }

  /// Of each sample.
  private static func takesOneValue(_ input: ValueSignature) -> Bool {
    input.shape?.dimensions.dropFirst().allSatisfy { $0.fixedSize == nil || $0 == 1 } ?? true
  }

  private static func check(_ names: [String]) throws {
    var seen: Set<String> = []
    for (index, name) in names.enumerated() {
      guard !name.isEmpty else { throw DatasetError("line 1, column \(index + 1): has no name") }
      guard seen.insert(name).inserted else {
        throw DatasetError("line 1, column \(index + 1): there is another column '\(name)'")
      }
    }
  }

  private static func labelIndex(among names: [String], _ wanted: String?, _ usual: [String]) throws -> Int? {
    guard let wanted else { return usual.lazy.compactMap { names.firstIndex(of: $0) }.first }
    guard let index = names.firstIndex(of: wanted) else {
      throw DatasetError("has no column '\(wanted)' for labels; its columns are \(listed(names))")
    }
    return index
  }

  /// One number or text for each sample and input.
  private mutating func addColumns(for inputs: [ValueSignature]) throws {
    for input in inputs {
      guard let place = names.firstIndex(of: input.name), place != labelIndex else {
        throw DatasetError(
          "has no column for the model's input '\(input.name)'; its columns are \(Self.listed(names))")
      }
      targets[place] = features.count
      let dimensions = input.shape?.rank == 1 ? [] : [1]
      features.append((input.name, dimensions, CSVColumn(for: input.elementType ?? .float64)))
    }
  }

  private mutating func addMatrix(for input: ValueSignature?) {
    for index in names.indices where index != labelIndex { targets[index] = 0 }
    let width = targets.count { $0 == 0 }
    features = [(input?.name ?? "", [width], CSVColumn(for: input?.elementType ?? .float64))]
  }

  private mutating func append(_ record: [ByteString], line: Int) throws {
    guard record.count == names.count else {
      throw DatasetError("line \(line): has \(record.count) columns, the header has \(names.count)")
    }
    for (index, field) in record.enumerated() {
      do {
        if index == labelIndex {
          guard !field.bytes.isEmpty else { throw DatasetError("the label is missing") }
          try labels.append(field)
        } else if targets[index] >= 0 {
          try features[targets[index]].fields.append(field)
        }
      } catch let error as DatasetError {
        throw DatasetError("line \(line), column \(index + 1) '\(names[index])': \(error.message)")
      }
    }
    count += 1
  }

  private func dataset() throws -> Dataset {
    guard count > 0 else { throw DatasetError("holds no sample, only a header") }
    let columns = try features.map {
      Dataset.Column($0.name, try $0.fields.tensor([count] + $0.dimensions))
    }
    return try Dataset(source: file, columns: columns, labels: labelIndex == nil ? nil : labels.labels())
  }

  private static func listed(_ names: [String]) -> String {
    let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
  }
}
