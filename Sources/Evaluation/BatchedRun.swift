import TensorCore

/// Runs a session over the samples of a data set, batch after batch.
public struct BatchedRun {
  public struct Result: Sendable {
    /// The wanted outputs, [samples, …] in the order of the samples.
    public var outputs: [Tensor]
    /// Time inside the engine.
    public var runtimeNanoseconds: UInt64
  }

  public var batchSize: Int
  /// Inputs that are the same for every batch.
  public var fixedInputs: [String: Tensor]
  /// The names of the wanted outputs; nil for all.
  public var outputs: [String]?

  public init(batchSize: Int, fixedInputs: [String: Tensor] = [:], outputs: [String]? = nil) {
    self.batchSize = batchSize
    self.fixedInputs = fixedInputs
    self.outputs = outputs
  }

  /// A model made for a fixed batch size runs in that size: the last batch is filled up with repetitions,
  /// whose results are dropped.
  /// - Throws: `RuntimeError` from the engine, and where an output has no row for each sample.
  public func run(
    _ session: some RuntimeSession, _ binding: DatasetBinding, samples: [Int]
  ) throws -> Result {
    let names = outputs ?? session.outputs.map(\.name)
    var collectors = names.map { RowCollector(name: $0) }
    var nanoseconds: UInt64 = 0
    let size = binding.batchSize(wanted: batchSize)
    for start in stride(from: 0, to: samples.count, by: size) {
      let batch = Array(samples[start..<min(start + size, samples.count)])
      var filled = batch
      if case .fixed = binding.batching, let last = batch.last {
        filled += [Int](repeating: last, count: size - batch.count)
      }
      var inputs = try binding.batch(filled)
      inputs.merge(fixedInputs) { _, fixed in fixed }
      let run = try session.prepare(inputs, outputs: names)
      nanoseconds += try run.execute()
      for (index, value) in try run.results().enumerated() {
        var rows = try value.rows()
        if binding.batching == .single { rows = try rows.reshaped(to: [1] + rows.dimensions) }
        try collectors[index].add(rows, samples: filled.count, kept: batch.count)
      }
    }
    return Result(outputs: try collectors.map { try $0.joined() }, runtimeNanoseconds: nanoseconds)
  }
}

/// Joins the rows that batches give.
private struct RowCollector {
  let name: String
  private var batches: [(tensor: Tensor, kept: Int)] = []

  init(name: String) {
    self.name = name
  }

  private var rowCount: Int { batches.reduce(0) { $0 + $1.kept } }

  /// Adds the rows of the first `kept` of `samples` samples.
  mutating func add(_ tensor: Tensor, samples: Int, kept: Int) throws {
    guard let rows = tensor.dimensions.first, rows % samples == 0, rows > 0 else {
      throw RuntimeError(
        "the output '\(name)' has the shape \(tensor.dimensions), no row for each of \(samples) samples")
    }
    if let first = batches.first?.tensor {
      guard tensor.elementType == first.elementType,
        tensor.dimensions.dropFirst() == first.dimensions.dropFirst()
      else {
        throw RuntimeError(
          "the output '\(name)' has rows of different shapes: \(first.dimensions), \(tensor.dimensions)")
      }
    }
    batches.append((tensor, rows / samples * kept))
  }

  func joined() throws -> Tensor {
    guard let first = batches.first else { throw RuntimeError("no sample to run") }
    if batches.count == 1, first.tensor.dimensions[0] == first.kept { return first.tensor }
    let dimensions = [rowCount] + first.tensor.dimensions.dropFirst()
    if first.tensor.elementType == .string {
      let strings = batches.flatMap { batch in
        let all = batch.tensor.storage.strings ?? []
        return all.prefix(all.count / batch.tensor.dimensions[0] * batch.kept)
      }
      return try Tensor(strings: strings, dimensions)
    }
    return try Tensor(first.tensor.elementType, dimensions) { try copy(into: $0) }
  }

  private func copy(into target: UnsafeMutableRawBufferPointer) throws {
    var filled = 0
    for batch in batches {
      try batch.tensor.withUnsafeBytes { all in
        let part = all.prefix(all.count / batch.tensor.dimensions[0] * batch.kept)
        guard filled + part.count <= target.count else {
          throw RuntimeError("the rows of the output '\(name)' end within a byte")
        }
        UnsafeMutableRawBufferPointer(rebasing: target[filled...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
        filled += part.count
      }
    }
  }
}
