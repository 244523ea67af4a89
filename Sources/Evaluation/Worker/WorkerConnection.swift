import Dispatch
import Processes

/// The worker of an `EvaluationClient`, and what it has been told.
struct WorkerConnection {
  struct Answer {
    var response: WorkerResponse
    var blobs: [UInt8]
  }

  typealias Signatures = (inputs: [ValueSignature], outputs: [ValueSignature])

  private let command: ProcessCommand
  private let libraryPath: String?
  private let flag: CancellationFlag
  private let startSeconds: Double
  private let memoryLimit: Int?
  var sessionSeconds = 120.0
  /// Sessions that the worker should close.
  var discarded: [Int] = []
  private(set) var secondsMakingSessions = 0.0
  private(set) var secondsInsideRuntime = 0.0
  /// Workers that were lost.
  private(set) var losses = 0

  private var process: WorkerProcess?
  private var engine = ""
  private var sessions: [Int: Signatures] = [:]
  private var datasets: Set<Int> = []

  init(
    _ command: ProcessCommand, libraryPath: String?, _ flag: CancellationFlag, startSeconds: Double,
    memoryLimit: Int?
  ) {
    self.command = command
    self.libraryPath = libraryPath
    self.flag = flag
    self.startSeconds = startSeconds
    self.memoryLimit = memoryLimit
  }

  /// Makes the session where the worker does not hold it.
  mutating func prepare(_ handle: SessionHandle) throws -> Signatures {
    try start()
    if let known = sessions[handle.identifier] { return known }
    var blobs = BlobWriter()
    let source: SourceRecord =
      switch handle.source {
      case .file(let path): .file(path)
      case .bytes(let bytes, let folder, let name):
        .bytes(count: blobs.add(bytes), externalDataFolder: folder, name: name)
      }
    let begin = DispatchTime.now().uptimeNanoseconds
    defer { secondsMakingSessions += Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9 }
    let request = WorkerRequest.createSession(
      id: handle.identifier, source: source, options: handle.options)
    guard case .session(let inputs, let outputs) = try call(request, blobs, seconds: sessionSeconds).response
    else { throw WorkerError.garbage }
    sessions[handle.identifier] = (inputs, outputs)
    return (inputs, outputs)
  }

  /// Sends the samples where the worker does not have them.
  mutating func prepare(_ handle: DatasetHandle) throws {
    try start()
    guard !datasets.contains(handle.identifier) else { return }
    switch handle.source {
    case .dataset(let dataset): try send(dataset, as: handle.identifier)
    case .results(let results): try compute(results, as: handle.identifier)
    }
    datasets.insert(handle.identifier)
  }

  private mutating func send(_ dataset: Dataset, as identifier: Int) throws {
    var blobs = BlobWriter()
    let request: WorkerRequest
    if let path = dataset.path {
      request = .openDataset(id: identifier, path: path, fingerprint: dataset.fingerprint)
    } else {
      let columns = dataset.columns.map { NamedTensorRecord(name: $0.name, tensor: blobs.add($0.values)) }
      request = .sendDataset(id: identifier, source: dataset.source, columns: columns)
    }
    _ = try call(request, blobs, seconds: startSeconds)
  }

  private mutating func compute(_ results: SessionResults, as identifier: Int) throws {
    try prepare(results.dataset)
    _ = try prepare(results.session)
    var blobs = BlobWriter()
    _ = blobs.add(results.samples.withUnsafeBytes { Array($0) })
    let request = EvaluateRequest(
      session: results.session.identifier, dataset: results.dataset.identifier,
      sampleCount: results.samples.count, batchSize: results.batchSize, fixedInputs: [],
      outputs: [results.output], kept: KeptResults(dataset: identifier, columns: [results.column]))
    _ = try call(.evaluate(request), blobs, seconds: results.timeout)
  }

  /// One request and its answer. A worker that fails to answer is ended.
  mutating func call(_ request: WorkerRequest, _ blobs: BlobWriter, seconds: Double) throws -> Answer {
    try start()
    let answer = try exchange(request, blobs, seconds: seconds)
    closeDiscarded()
    return answer
  }

  /// Starts a worker where none is running.
  /// - Returns: the engine and its version.
  @discardableResult
  mutating func start() throws -> String {
    guard process == nil else { return engine }
    guard !flag.isSet else { throw WorkerError.cancelled }
    process = try WorkerProcess(command)
    sessions = [:]
    datasets = []
    do {
      let request = WorkerRequest.start(libraryPath: libraryPath, memoryLimit: memoryLimit)
      let answer = try exchange(request, BlobWriter(), seconds: startSeconds)
      guard case .started(let engine) = answer.response else { throw WorkerError.garbage }
      self.engine = engine
      return engine
    } catch WorkerError.runtime(let message) {
      process = nil
      throw WorkerError.noEngine(message)
    }
  }

  /// The worker closes them while this side goes on with the last answer, and does not answer. That it is lost
  /// shows at the next call.
  private mutating func closeDiscarded() {
    let open = discarded.filter { sessions[$0] != nil }
    discarded = []
    guard let process, !open.isEmpty else { return }
    for identifier in open { sessions[identifier] = nil }
    let limit = WaitLimit(seconds: startSeconds, isCancelled: flag)
    try? process.channel.send(Frame(WorkerRequest.closeSessions(ids: open)), limit)
  }

  private mutating func exchange(
    _ request: WorkerRequest, _ blobs: BlobWriter, seconds: Double
  ) throws -> Answer {
    guard let process else { throw WorkerError.notStarted("no process") }
    do {
      let limit = WaitLimit(seconds: seconds, isCancelled: flag)
      try process.channel.send(Frame(request, blobs), limit)
      let frame = try process.channel.receive(limit)
      let response = try frame.decoded(as: WorkerResponse.self)
      if case .failure(let message) = response { throw WorkerError.runtime(message) }
      secondsInsideRuntime += response.runtimeSeconds
      return Answer(response: response, blobs: frame.blobs)
    } catch WorkerError.runtime(let message) {
      throw WorkerError.runtime(message)
    } catch is FrameChannel.EndOfStream {
      self.process = nil
      losses += 1
      throw process.end(waiting: 1)
    } catch {
      self.process = nil
      losses += 1
      _ = process.end(waiting: 0)
      throw error
    }
  }
}
