import Foundation
import ONNXFormat
import TensorCore

/// A folder of ONNX's test suite: `input_0.pb`, `input_1.pb` … hold the inputs of one run, and `output_0.pb` … what
/// came out, in the folder itself or in folders `test_data_set_0` … below it.
enum TestFolder {
  /// The runs' samples, joined; columns are named as the tensors are, or not at all where these have no names. Outputs
  /// without a row for each sample are left out. Nil where the folder is no such one.
  static func load(_ path: String) throws -> Dataset? {
    let folders = try folders(of: path)
    let sets = try folders.map { try tensors("input", in: $0) }
    guard sets.contains(where: { !$0.isEmpty }) else { return nil }
    if let empty = sets.firstIndex(where: \.isEmpty) {
      throw DatasetError("holds no 'input_0.pb'", file: folders[empty])
    }
    let columns = try joined(sets, "inputs", path: path)
    let outputs = try folders.map { try tensors("output", in: $0) }
    let count = columns.first?.values.dimensions.first
    let references = (try? joined(outputs, "outputs", path: path)) ?? []
    return try Dataset(
      source: path, columns: columns, references: references.filter { $0.values.dimensions.first == count }
    ).loaded(from: path)
  }

  private static func joined(_ sets: [[Dataset.Column]], _ kind: String, path: String) throws -> [Dataset
    .Column]
  {
    guard let first = sets.first else { return [] }
    guard sets.allSatisfy({ $0.count == first.count }) else {
      throw DatasetError("its data sets have different numbers of \(kind)", file: path)
    }
    return try first.indices.map { index in
      let name = first[index].name
      return Dataset.Column(name, try joined(sets.map { $0[index].values }, name: name, path: path))
    }
  }

  private static func folders(of path: String) throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasPrefix("test_data_set_") }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    return names.isEmpty ? [path] : names.map { FilePath.joining(path, $0) }
  }

  private static func tensors(_ kind: String, in folder: String) throws -> [Dataset.Column] {
    var columns: [Dataset.Column] = []
    while true {
      let path = FilePath.joining(folder, "\(kind)_\(columns.count).pb")
      guard FileManager.default.fileExists(atPath: path) else { return columns }
      columns.append(try tensor(path))
    }
  }

  /// A tensor's message, read as the one initializer of an otherwise empty model.
  private static func tensor(_ path: String) throws -> Dataset.Column {
    let file = try MappedFile(path: path)
    let contents = file.withUnsafeBytes { Array($0) }
    let initializerField: UInt8 = 5 << 3 | 2
    let graphField: UInt8 = 7 << 3 | 2
    let graph = [initializerField] + varint(contents.count) + contents
    do {
      let model = try ONNXFormat.decode([graphField] + varint(graph.count) + graph)
      guard let tensor = model.graph.initializers.first else { throw DatasetError("holds no tensor") }
      return Dataset.Column(tensor.name, tensor.tensor)
    } catch {
      throw DatasetError("is no tensor: \(error)", file: path)
    }
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func joined(_ tensors: [Tensor], name: String, path: String) throws -> Tensor {
    guard let first = tensors.first, tensors.count > 1 else { return tensors[0] }
    for tensor in tensors
    where tensor.rank == 0 || tensor.elementType != first.elementType
      || tensor.dimensions.dropFirst() != first.dimensions.dropFirst()
    {
      throw DatasetError("is \(tensor.type) and \(first.type) in two data sets", array: name, file: path)
    }
    let dimensions = [tensors.reduce(0) { $0 + $1.dimensions[0] }] + first.dimensions.dropFirst()
    if first.elementType == .string {
      return try Tensor(strings: tensors.flatMap { $0.storage.strings ?? [] }, dimensions)
    }
    let bytes = tensors.reduce(into: [UInt8]()) { bytes, tensor in tensor.withUnsafeBytes { bytes += $0 } }
    return try Tensor(first.elementType, elements: bytes, dimensions)
  }
}
