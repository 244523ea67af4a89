import Dispatch
import Foundation
import Processes
import Synchronization
import TensorCore

/// Runs models in a worker process. A worker that crashes, hangs or is killed costs the call that it failed
/// in: the next call starts a new one, which gets the data sets and sessions that it needs again.
///
/// Calls from several threads take turns; for work in parallel make several clients.
public final class EvaluationClient: Sendable {
  public struct Timeouts: Hashable, Sendable {
    /// Seconds for starting a worker, and for opening a data set.
    public var start = 60.0
    /// Seconds for making a session.
    public var session = 120.0
    /// Seconds for a call that runs models, where it names none itself.
    public var run = 600.0

    public init() {}
  }

  /// Where the time went.
  public struct Statistics: Hashable, Sendable {
    /// Seconds in calls, by the clock.
    public var total = 0.0
    /// Of these, seconds inside the engine's runs.
    public var insideRuntime = 0.0
    /// Of these, seconds in which sessions were made.
    public var makingSessions = 0.0
    /// Workers that were lost.
    public var losses = 0

    /// Everything that is neither a run nor the making of a session.
    public var overhead: Double { max(0, total - insideRuntime - makingSessions) }
  }

  private let connection: Mutex<WorkerConnection>
  private let flag: CancellationFlag
  private let counters = Mutex(Statistics())
  private let garbage = Mutex<[Int]>([])
  private let identifiers = Atomic(0)
  public let timeouts: Timeouts

  /// - Parameters:
  ///   - libraryPath: the engine's library, where the user named one.
  ///   - memoryLimit: bytes that a worker may make for itself; a call that needs more fails.
  public init(
    _ command: ProcessCommand = .worker, libraryPath: String? = nil, timeouts: Timeouts = Timeouts(),
    memoryLimit: Int? = nil
  ) {
    let flag = CancellationFlag()
    self.flag = flag
    self.timeouts = timeouts
    connection = Mutex(
      WorkerConnection(
        command, libraryPath: libraryPath, flag, startSeconds: timeouts.start, memoryLimit: memoryLimit))
  }

  public var statistics: Statistics { counters.withLock { $0 } }

  /// Ends the call under way, and all later ones, with `WorkerError.cancelled`. May be called from any thread.
  public func cancel() { flag.set() }

  /// Whether calls that are made now would end so.
  public var isCancelled: Bool { flag.isSet }

  /// Ends the calls that `body` makes with `WorkerError.cancelled` once `condition` holds, within about a tenth
  /// of a second. Calls after it are made as ever, by a new worker.
  public func cancelling<Result>(
    when condition: @escaping @Sendable () -> Bool, _ body: () throws -> Result
  ) rethrows -> Result {
    let outer = flag.exchangeCondition(condition)
    defer { _ = flag.exchangeCondition(outer) }
    return try body()
  }

  /// Starts the worker, where none is running.
  /// - Returns: the engine and its version, such as `ONNX Runtime 1.32.0`.
  @discardableResult
  public func start() throws -> String { try call { try $0.start() } }

  /// Starts a worker that knows `datasets` while the caller goes on with something else. What fails shows at the
  /// first call that needs it.
  public func startInBackground(for datasets: [DatasetHandle] = []) {
    Thread.detachNewThread {
      _ = try? self.call { connection in
        _ = try connection.start()
        for dataset in datasets { try connection.prepare(dataset) }
      }
    }
  }

  // MARK: What is kept in the worker

  /// Makes samples known; they are sent when they are first needed.
  public func dataset(_ dataset: Dataset) -> DatasetHandle {
    DatasetHandle(identifier: newIdentifier(), source: .dataset(dataset), count: dataset.count)
  }

  /// Makes samples of what a session gives for samples of another data set, as a column for other sessions to
  /// read. They stay in the worker.
  public func results(
    of session: SessionHandle, output: String, on dataset: DatasetHandle, samples: [Int], batchSize: Int = 64,
    as column: String, timeout: Double? = nil
  ) throws -> DatasetHandle {
    let results = SessionResults(
      session: session, output: output, dataset: dataset, samples: samples, batchSize: batchSize,
      column: column, timeout: timeout ?? timeouts.run)
    let handle = DatasetHandle(identifier: newIdentifier(), source: .results(results), count: samples.count)
    try call { try $0.prepare(handle) }
    return handle
  }

  /// Makes a session. It is closed when the last reference to it goes.
  /// - Throws: `WorkerError.runtime` with the engine's message where it refuses the model.
  public func session(_ source: SessionSource, _ options: SessionOptions) throws -> SessionHandle {
    let handle = SessionHandle(identifier: newIdentifier(), source: source, options: options, client: self)
    let signatures = try call { try $0.prepare(handle) }
    handle.declare(inputs: signatures.inputs, outputs: signatures.outputs)
    return handle
  }

  private func newIdentifier() -> Int { identifiers.add(1, ordering: .relaxed).newValue }

  /// Called by a session that nobody refers to any more; the worker is told at the next call.
  func discard(session identifier: Int) { garbage.withLock { $0.append(identifier) } }

  // MARK: Running

  public struct Result: Sendable {
    /// The wanted outputs, in order, each [samples, …] in the order of the samples.
    public var outputs: [Tensor]
    public var runtimeSeconds: Double
  }

  /// Runs `samples` of a data set through a session.
  /// - Parameters:
  ///   - samples: which, in any order; nil for all.
  ///   - fixedInputs: inputs that are the same for every batch, such as gates.
  ///   - outputs: the wanted outputs; nil for all.
  public func evaluate(
    _ session: SessionHandle, on dataset: DatasetHandle, samples: [Int]? = nil, batchSize: Int = 64,
    fixedInputs: [String: Tensor] = [:], outputs: [String]? = nil, timeout: Double? = nil
  ) throws -> Result {
    let samples = samples ?? Array(0..<dataset.count)
    var blobs = BlobWriter()
    _ = blobs.add(samples.withUnsafeBytes { Array($0) })
    let request = EvaluateRequest(
      session: session.identifier, dataset: dataset.identifier, sampleCount: samples.count,
      batchSize: batchSize, fixedInputs: Self.records(fixedInputs, &blobs), outputs: outputs)
    return try call { connection in
      try connection.prepare(dataset)
      _ = try connection.prepare(session)
      return try self.result(
        connection.call(.evaluate(request), blobs, seconds: timeout ?? self.timeouts.run))
    }
  }

  /// Runs a session once.
  public func run(
    _ session: SessionHandle, _ inputs: [String: Tensor], outputs: [String]? = nil, timeout: Double? = nil
  ) throws -> Result {
    var blobs = BlobWriter()
    let request = WorkerRequest.run(
      session: session.identifier, inputs: Self.records(inputs, &blobs), outputs: outputs)
    return try call { connection in
      _ = try connection.prepare(session)
      return try self.result(connection.call(request, blobs, seconds: timeout ?? self.timeouts.run))
    }
  }

  /// Runs a session on samples that need not be kept: the first axis of each input counts them. Nothing is evaluated
  /// again where a worker is lost.
  public func run(
    _ session: SessionHandle, rows: [String: Tensor], outputs: [String]? = nil, timeout: Double? = nil
  ) throws -> Result {
    var blobs = BlobWriter()
    let request = WorkerRequest.runRows(
      session: session.identifier, inputs: Self.records(rows, &blobs), outputs: outputs)
    return try call { connection in
      _ = try connection.prepare(session)
      return try self.result(connection.call(request, blobs, seconds: timeout ?? self.timeouts.run))
    }
  }

  /// Measures sessions in interleaved rounds on the first samples of a data set.
  /// - Parameter fixedInputs: for each session, besides the data set's arrays.
  /// - Returns: for each session, seconds of each round.
  public func latency(
    of sessions: [SessionHandle], on dataset: DatasetHandle, batchSize: Int,
    fixedInputs: [[String: Tensor]]? = nil, plan: LatencyPlan = LatencyPlan(), timeout: Double? = nil
  ) throws -> [[Double]] {
    var blobs = BlobWriter()
    let fixed = fixedInputs ?? [[String: Tensor]](repeating: [:], count: sessions.count)
    guard fixed.count == sessions.count else { throw WorkerError.runtime("fixed inputs of other sessions") }
    let request = LatencyRequest(
      sessions: sessions.map(\.identifier), dataset: dataset.identifier, batchSize: batchSize,
      fixedInputs: fixed.map { Self.records($0, &blobs) }, plan: plan)
    return try call { connection in
      try connection.prepare(dataset)
      for session in sessions { _ = try connection.prepare(session) }
      let seconds = timeout ?? self.timeouts.run
      let answer = try connection.call(.measureLatency(request), blobs, seconds: seconds)
      guard case .timings(let timings, _) = answer.response else { throw WorkerError.garbage }
      return timings.map { $0.map { Double($0) / 1e9 } }
    }
  }

  /// Ends profiling of a session made with a `profilePrefix`; the result is the path of the trace.
  public func endProfiling(_ session: SessionHandle) throws -> String {
    try call { connection in
      _ = try connection.prepare(session)
      let request = WorkerRequest.endProfiling(session: session.identifier)
      let answer = try connection.call(request, BlobWriter(), seconds: self.timeouts.run)
      guard case .path(let path) = answer.response else { throw WorkerError.garbage }
      return path
    }
  }

  private static func records(_ tensors: [String: Tensor], _ blobs: inout BlobWriter) -> [NamedTensorRecord] {
    tensors.sorted { $0.key < $1.key }.map { NamedTensorRecord(name: $0.key, tensor: blobs.add($0.value)) }
  }

  private func result(_ answer: WorkerConnection.Answer) throws -> Result {
    guard case .tensors(let records, _) = answer.response else { throw WorkerError.garbage }
    var reader = BlobReader(answer.blobs)
    let outputs = try records.map { try reader.next($0) }
    return Result(outputs: outputs, runtimeSeconds: answer.response.runtimeSeconds)
  }

  private func call<Result: Sendable>(
    _ body: (inout WorkerConnection) throws -> Result
  ) throws -> Result {
    let start = DispatchTime.now().uptimeNanoseconds
    return try connection.withLock { connection in
      let before = (making: connection.secondsMakingSessions, inside: connection.secondsInsideRuntime)
      defer {
        let total = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        let making = connection.secondsMakingSessions - before.making
        let inside = connection.secondsInsideRuntime - before.inside
        let losses = connection.losses
        counters.withLock { counters in
          counters.total += total
          counters.makingSessions += making
          counters.insideRuntime += inside
          counters.losses = losses
        }
      }
      connection.sessionSeconds = timeouts.session
      connection.discarded += garbage.withLock { discarded in
        defer { discarded = [] }
        return discarded
      }
      return try body(&connection)
    }
  }
}
