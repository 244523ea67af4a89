import Kernels
import TensorCore

/// Samples to evaluate models on: named arrays whose first axis counts the samples.
public struct Dataset: Sendable {
  public struct Column: Sendable {
    /// The name of the model's input; empty where the source gives none, and position decides.
    public var name: String
    /// [samples, …]
    public var values: Tensor

    public init(_ name: String, _ values: Tensor) {
      self.name = name
      self.values = values
    }
  }

  /// Where the samples come from: a path, or words.
  public let source: String
  /// What `load` reads this data set from; nil where it was made in memory.
  public private(set) var path: String?
  public let columns: [Column]
  /// [samples, …]: what the model should say.
  public let labels: Tensor?
  /// What the model has put out elsewhere, [samples, …] each, named as its outputs; a name may be empty, and then
  /// position decides.
  public let references: [Column]
  /// The number of samples.
  public let count: Int

  /// - Throws: `DatasetError` where the columns have not the same number of samples, or there is none.
  public init(source: String, columns: [Column], labels: Tensor? = nil, references: [Column] = []) throws {
    self.source = source
    self.columns = columns
    self.labels = labels
    self.references = references
    let named = columns + (labels.map { [Column("labels", $0)] } ?? []) + references
    for column in named where column.values.rank == 0 {
      throw DatasetError("is a single value, samples are needed", array: column.name, file: source)
    }
    count = columns.first?.values.dimensions.first ?? 0
    for column in named where column.values.dimensions.first != count {
      throw DatasetError(
        "has \(column.values.dimensions.first ?? 0) samples, '\(columns.first?.name ?? "")' has \(count)",
        array: column.name, file: source)
    }
    guard count > 0 else { throw DatasetError("holds no sample", file: source) }
    for column in named where column.values.elementType.bitWidth % 8 != 0 {
      throw DatasetError(
        "has the type \(column.values.elementType), which takes less than a byte", array: column.name,
        file: source)
    }
  }

  /// The same, known to be what `load` reads from `path`.
  func loaded(from path: String) -> Dataset {
    var copy = self
    copy.path = path
    return copy
  }

  public subscript(name: String) -> Tensor? { columns.first { $0.name == name }?.values }

  /// What there is to compare the model's output with, where something else has run it.
  /// - Parameter position: of the output among the model's.
  public func reference(for output: String, at position: Int) -> Tensor? {
    if let named = references.first(where: { $0.name == output }) { return named.values }
    guard references.indices.contains(position), references[position].name.isEmpty else { return nil }
    return references[position].values
  }

  /// The same for the same contents, in every process: 16 hexadecimal digits.
  public var fingerprint: String {
    var hash = UInt64(columns.count)
    for column in columns + (labels.map { [Column("labels", $0)] } ?? []) + references {
      let description = "\(column.name):\(column.values.elementType)\(column.values.dimensions)"
      hash = hashBytes(Array(description.utf8), seed: hash)
      hash = hash &* 0x9E37_79B9_7F4A_7C15 ^ column.values.contentHash
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Tensor {
  /// The rows `indices` of the first axis, in that order.
  /// - Throws: `TensorError` where one does not exist, for scalars, and for elements below one byte.
  public func rows(_ indices: [Int]) throws -> Tensor {
    try rows(indices, as: elementType)
  }

  /// The same, each number rounded once to `target`; integers saturate.
  public func rows(_ indices: [Int], as target: ElementType) throws -> Tensor {
    guard let count = dimensions.first, elementType.bitWidth % 8 == 0 else {
      throw TensorError("\(elementType)\(dimensions) has no rows")
    }
    if let wrong = indices.first(where: { $0 < 0 || $0 >= count }) {
      throw TensorError("row \(wrong) of \(count) does not exist")
    }
    let sizes = [indices.count] + dimensions.dropFirst()
    let rowLength = count == 0 ? 0 : elementCount / count
    if let strings = storage.strings {
      guard target == .string else { throw TensorError("text cannot become \(target)") }
      let picked = indices.flatMap { strings[($0 * rowLength)..<(($0 + 1) * rowLength)] }
      return try Tensor(strings: picked, sizes)
    }
    return try Tensor(target, sizes) { bytes in
      try withUnsafeBytes { source in
        if target == elementType {
          gatherRows(source, rowByteCount: rowLength * elementType.bitWidth / 8, rows: indices, into: bytes)
          return
        }
        guard let from = elementType.numericFormat, let to = target.numericFormat, target.bitWidth % 8 == 0
        else { throw TensorError("\(elementType) cannot become \(target)") }
        gatherRows(source, rowLength: rowLength, rows: indices, from: from, to: to, into: bytes)
      }
    }
  }
}
