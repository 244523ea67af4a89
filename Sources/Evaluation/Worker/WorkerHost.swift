import Foundation
import Processes
import TensorCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The worker's side: what the hidden command `workbench worker` runs. It reads requests from standard input,
/// answers on standard output, and ends when the input ends.
public final class WorkerHost {
  private let channel: FrameChannel
  private var fault: WorkerFault?
  private var runtime: OnnxRuntime?
  private var memoryLimit: Int?
  private var sessions: [Int: OnnxSession] = [:]
  private var datasets: [Int: Dataset] = [:]
  private var bindings: [BindingKey: DatasetBinding] = [:]

  private struct BindingKey: Hashable {
    var session: Int
    var dataset: Int
    var fixed: Set<String>
  }

  private init(_ channel: FrameChannel) {
    self.channel = channel
    fault = WorkerFault(ProcessInfo.processInfo.environment[WorkerFault.variable])
  }

  /// Answers requests until the other side closes its end; never returns.
  public static func run() -> Never {
    signal(SIGINT, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    // What a library prints must not get between the frames.
    let output = dup(1)
    dup2(2, 1)
    ProcessLimits.discourageCores()
    endWithParent()
    let host = WorkerHost(FrameChannel(input: 0, output: output))
    do {
      while true { try host.answer(try host.channel.receive()) }
    } catch is FrameChannel.EndOfStream {
      exit(0)
    } catch {
      FileHandle.standardError.write(Data("worker: \(error)\n".utf8))
      exit(2)
    }
  }

  private func answer(_ frame: ReceivedFrame) throws {
    let request = try frame.decoded(as: WorkerRequest.self)
    if let event = request.event { fault?.occur(at: event, answeringOn: channel.output) }
    if case .closeSessions(let ids) = request { return close(ids) }
    var blobs = BlobWriter()
    var response: WorkerResponse
    do {
      var reader = BlobReader(frame.blobs)
      response = try answer(request, &reader, &blobs)
    } catch {
      blobs = BlobWriter()
      response = .failure(message: explained("\(error)"))
    }
    try channel.send(Frame(response, blobs))
  }

  private func answer(
    _ request: WorkerRequest, _ reader: inout BlobReader, _ blobs: inout BlobWriter
  ) throws -> WorkerResponse {
    switch request {
    case .start(let path, let memoryLimit):
      if let memoryLimit { ProcessLimits.setMemory(byteCount: memoryLimit) }
      self.memoryLimit = memoryLimit
      let runtime = try OnnxRuntime.load(explicitPath: path)
      self.runtime = runtime
      return .started(runtime: "\(runtime.name) \(runtime.version)")
    case .openDataset(let id, let path, let fingerprint):
      let dataset = try Dataset.load(path)
      guard dataset.fingerprint == fingerprint else { throw RuntimeError("\(path) has changed meanwhile") }
      datasets[id] = dataset
    case .sendDataset(let id, let source, let columns):
      let columns = try columns.map { Dataset.Column($0.name, try reader.next($0.tensor)) }
      datasets[id] = try Dataset(source: source, columns: columns)
    case .createSession(let id, let source, let options):
      return try createSession(id, source, options, &reader)
    case .closeSessions(let ids): close(ids)
    case .evaluate(let request): return try evaluate(request, &reader, &blobs)
    case .run(let session, let inputs, let outputs):
      return try run(session, inputs, outputs, &reader, &blobs)
    case .runRows(let session, let inputs, let outputs):
      return try runRows(session, inputs, outputs, &reader, &blobs)
    case .measureLatency(let request): return try measureLatency(request, &reader)
    case .endProfiling(let id): return .path(try session(id).endProfiling())
    }
    return .done
  }

  private func explained(_ message: String) -> String {
    guard let memoryLimit, MemoryLimit.isReached(by: message) else { return message }
    return "out of memory: a worker may take \(memoryLimit >> 20) MiB"
  }

  private func close(_ ids: [Int]) {
    for id in ids { sessions[id] = nil }
    bindings = bindings.filter { !ids.contains($0.key.session) }
  }

  private func session(_ id: Int) throws -> OnnxSession {
    guard let session = sessions[id] else { throw RuntimeError("no session \(id)") }
    return session
  }
}

extension WorkerHost {
  private func createSession(
    _ id: Int, _ source: SourceRecord, _ options: SessionOptions, _ reader: inout BlobReader
  ) throws -> WorkerResponse {
    guard let runtime else { throw RuntimeError("no engine is loaded") }
    let model: SessionSource =
      switch source {
      case .bytes(let count, let folder, let name):
        .bytes(Array(try reader.next(count)), externalDataFolder: folder, name: name)
      case .file(let path): .file(path)
      }
    let session = try runtime.makeSession(model, options)
    sessions[id] = session
    return .session(inputs: session.inputs, outputs: session.outputs)
  }

  private func evaluate(
    _ request: EvaluateRequest, _ reader: inout BlobReader, _ blobs: inout BlobWriter
  ) throws -> WorkerResponse {
    let samples = try Self.indices(request.sampleCount, &reader)
    let fixed = try Self.tensors(request.fixedInputs, &reader)
    let run = BatchedRun(batchSize: request.batchSize, fixedInputs: fixed, outputs: request.outputs)
    let binding = try binding(session: request.session, dataset: request.dataset, fixed: Set(fixed.keys))
    let result = try run.run(try session(request.session), binding, samples: samples)
    if let kept = request.kept {
      let columns = zip(kept.columns, result.outputs).map { Dataset.Column($0, $1) }
      datasets[kept.dataset] = try Dataset(source: "results", columns: columns)
      return .tensors([], runtimeNanoseconds: result.runtimeNanoseconds)
    }
    return .tensors(
      result.outputs.map { blobs.add($0) }, runtimeNanoseconds: result.runtimeNanoseconds)
  }

  private func run(
    _ id: Int, _ inputs: [NamedTensorRecord], _ outputs: [String]?, _ reader: inout BlobReader,
    _ blobs: inout BlobWriter
  ) throws -> WorkerResponse {
    let prepared = try session(id).prepare(try Self.tensors(inputs, &reader), outputs: outputs)
    let nanoseconds = try prepared.execute()
    let tensors = try prepared.results().map { blobs.add(try $0.rows()) }
    return .tensors(tensors, runtimeNanoseconds: nanoseconds)
  }

  private func runRows(
    _ id: Int, _ inputs: [NamedTensorRecord], _ outputs: [String]?, _ reader: inout BlobReader,
    _ blobs: inout BlobWriter
  ) throws -> WorkerResponse {
    let columns = try inputs.map { Dataset.Column($0.name, try reader.next($0.tensor)) }
    let rows = try Dataset(source: "rows", columns: columns)
    let session = try session(id)
    let result = try BatchedRun(batchSize: rows.count, outputs: outputs)
      .run(session, rows.binding(to: session.inputs), samples: Array(0..<rows.count))
    return .tensors(result.outputs.map { blobs.add($0) }, runtimeNanoseconds: result.runtimeNanoseconds)
  }

  private func measureLatency(
    _ request: LatencyRequest, _ reader: inout BlobReader
  ) throws -> WorkerResponse {
    let runs: [any PreparedRun] = try zip(request.sessions, request.fixedInputs).map { id, records in
      let fixed = try Self.tensors(records, &reader)
      let binding = try binding(session: id, dataset: request.dataset, fixed: Set(fixed.keys))
      let size = binding.batchSize(wanted: request.batchSize)
      let samples = (0..<size).map { $0 % binding.dataset.count }
      let inputs = try binding.batch(samples).merging(fixed) { _, fixed in fixed }
      return try session(id).prepare(inputs, outputs: nil)
    }
    let measured = try request.plan.measure(runs)
    return .timings(measured.timings, runtimeNanoseconds: measured.total)
  }

  private func binding(session id: Int, dataset: Int, fixed: Set<String>) throws -> DatasetBinding {
    let key = BindingKey(session: id, dataset: dataset, fixed: fixed)
    if let binding = bindings[key] { return binding }
    guard let data = datasets[dataset] else { throw RuntimeError("no data set \(dataset)") }
    let binding = try data.binding(to: try session(id).inputs, fixed: fixed)
    bindings[key] = binding
    return binding
  }

  private static func tensors(
    _ records: [NamedTensorRecord], _ reader: inout BlobReader
  ) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for record in records { tensors[record.name] = try reader.next(record.tensor) }
    return tensors
  }

  private static func indices(_ count: Int, _ reader: inout BlobReader) throws -> [Int] {
    let record = TensorRecord(elementType: .int64, dimensions: [count], byteCount: count &* 8)
    return try reader.next(record).elements(as: Int.self)
  }
}

extension WorkerHost {
  /// A parent that is gone cannot be told anything: end at once, also in the middle of a long run.
  private static func endWithParent() {
    Thread.detachNewThread {
      while true {
        var request = pollfd(fd: 0, events: 0, revents: 0)
        if poll(&request, 1, -1) > 0, request.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { _exit(0) }
      }
    }
  }
}
