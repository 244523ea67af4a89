import TensorCore

/// A data set matched with a model's inputs: what to gather for a batch, and how large batches may be.
public struct DatasetBinding: Sendable {
  public enum Batching: Hashable, Sendable {
    /// The first axis takes any number of samples.
    case flexible
    /// The model was made for exactly this many samples.
    case fixed(Int)
    /// The inputs have no axis for samples: one at a time.
    case single
  }

  struct Entry: Sendable {
    var input: String
    var values: Tensor
    /// What the model wants.
    var elementType: ElementType
  }

  public let dataset: Dataset
  public let batching: Batching
  /// Arrays of the data set that the model has no input for.
  public let ignored: [String]
  let entries: [Entry]

  /// The samples `indices`, by input, cast to the model's types: [samples, …], without the first axis when
  /// batching is `single`.
  public func batch(_ indices: [Int]) throws -> [String: Tensor] {
    var batch: [String: Tensor] = [:]
    for entry in entries {
      let rows = try entry.values.rows(indices, as: entry.elementType)
      batch[entry.input] =
        batching == .single && indices.count == 1 ? try rows.reshaped(to: Array(rows.dimensions[1...])) : rows
    }
    return batch
  }

  /// How many samples a batch may have where `wanted` are wanted.
  public func batchSize(wanted: Int) -> Int {
    switch batching {
    case .flexible: max(1, wanted)
    case .fixed(let size): max(1, size)
    case .single: 1
    }
  }
}

extension Dataset {
  /// Matches the columns with a model's inputs, by name; a single column fits a single input whatever its
  /// name when it has none.
  /// - Parameter fixed: inputs that are given otherwise, the same for every batch.
  /// - Throws: `DatasetError` where names, types or shapes do not fit.
  public func binding(to inputs: [ValueSignature], fixed: Set<String> = []) throws -> DatasetBinding {
    let inputs = inputs.filter { !fixed.contains($0.name) }
    var entries: [DatasetBinding.Entry] = []
    var batching: DatasetBinding.Batching?
    for (position, input) in inputs.enumerated() {
      let column = try column(for: input, at: position, of: inputs)
      guard let type = input.tensorType else {
        throw DatasetError("the model's input is a \(input), only tensors can be fed", file: source)
      }
      try check(column.values, castsTo: type.elementType, for: input)
      let found = try fit(column.values, into: type, for: input)
      guard found == batching ?? found else {
        throw DatasetError(
          "asks for another number of samples at a time than the inputs before it", array: input.name,
          file: source)
      }
      batching = found
      entries.append(
        DatasetBinding.Entry(input: input.name, values: column.values, elementType: type.elementType))
    }
    let names = Set(inputs.map(\.name))
    let ignored = columns.map(\.name).filter { !$0.isEmpty && !names.contains($0) && !fixed.contains($0) }
    return DatasetBinding(
      dataset: self, batching: batching ?? .flexible, ignored: ignored, entries: entries)
  }

  private func column(for input: ValueSignature, at position: Int, of inputs: [ValueSignature]) throws
    -> Column
  {
    if let column = columns.first(where: { $0.name == input.name }) { return column }
    if columns.count == inputs.count, columns[position].name.isEmpty { return columns[position] }
    let names = columns.map { "'\($0.name)'" }.joined(separator: ", ")
    throw DatasetError(
      "has no array for the model's input '\(input.name)'; its arrays are \(names)", file: source)
  }

  private func check(
    _ values: Tensor, castsTo target: ElementType, for input: ValueSignature
  ) throws {
    let found = values.elementType
    guard found != target else { return }
    let isWidening = found.numericFormat != nil && target.isFloatingPoint && target.bitWidth >= 8
    let isWhole = found.isInteger || found == .bool
    if isWidening || (isWhole && target.isInteger && fits(values, target)) { return }
    if isWhole, target == .bool, fits(values, .bool) { return }
    throw DatasetError(
      "is \(found), the model's input takes \(target), and that conversion could change values",
      array: input.name, file: source)
  }

  /// Whether every value survives the conversion.
  private func fits(_ values: Tensor, _ target: ElementType) -> Bool {
    guard target.bitWidth >= 8, let numbers = try? values.doubles(), let least = numbers.min(),
      let largest = numbers.max()
    else { return false }
    if target == .bool { return least >= 0 && largest <= 1 }
    let bits = target.isSignedInteger ? target.bitWidth - 1 : target.bitWidth
    let limit = Double(sign: .plus, exponent: bits, significand: 1)
    return least >= (target.isSignedInteger ? -limit : 0) && largest < limit
  }

  private func fit(
    _ values: Tensor, into type: TensorType, for input: ValueSignature
  ) throws -> DatasetBinding.Batching {
    guard let shape = type.shape else { return .flexible }
    let misfit = DatasetError(
      "has the shape \(values.dimensions), the model's input takes \(type)", array: input.name, file: source)
    let sample = values.dimensions.dropFirst()
    func fits(_ dimensions: ArraySlice<Dimension>) -> Bool {
      dimensions.count == sample.count
        && zip(dimensions, sample).allSatisfy { $0.fixedSize == nil || $0.fixedSize == $1 }
    }
    if fits(shape.dimensions[...]) { return .single }
    guard let first = shape.dimensions.first, fits(shape.dimensions.dropFirst()) else { throw misfit }
    guard let size = first.fixedSize else { return .flexible }
    guard size > 0 else { throw misfit }
    return .fixed(size)
  }
}
