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
  private var elementType: ElementType?
  private var rowDimensions: [Int] = []
  private var rowCount = 0
  private var bytes: [UInt8] = []
  private var strings: [ByteString] = []

  init(name: String) {
    self.name = name
  }

  /// Adds the rows of the first `kept` of `samples` samples.
  mutating func add(_ tensor: Tensor, samples: Int, kept: Int) throws {
    guard let rows = tensor.dimensions.first, rows % samples == 0, rows > 0 else {
      throw RuntimeError(
        "the output '\(name)' has the shape \(tensor.dimensions), no row for each of \(samples) samples")
    }
    let dimensions = Array(tensor.dimensions.dropFirst())
    guard elementType ?? tensor.elementType == tensor.elementType,
      rowCount == 0 || rowDimensions == dimensions
    else {
      throw RuntimeError("the output '\(name)' has rows of different shapes: \(rowDimensions), \(dimensions)")
    }
    elementType = tensor.elementType
    rowDimensions = dimensions
    let keptRows = rows / samples * kept
    rowCount += keptRows
    if let all = tensor.storage.strings {
      strings += all.prefix(all.count / rows * keptRows)
    } else {
      tensor.withUnsafeBytes { all in
        bytes += UnsafeRawBufferPointer(rebasing: all.prefix(all.count / rows * keptRows))
      }
    }
  }

  func joined() throws -> Tensor {
    guard let elementType else { throw RuntimeError("no sample to run") }
    let dimensions = [rowCount] + rowDimensions
    if elementType == .string { return try Tensor(strings: strings, dimensions) }
    return try Tensor(elementType, elements: bytes, dimensions)
  }
}
