import GraphIR
import ONNXFormat
import PassPipeline
import Synchronization
import TensorCore

/// Computes constants in a worker process, as they are written: a runtime that crashes or hangs on one of them
/// costs that constant, not the command.
///
/// The worker is started when the first constant is to be computed: most models have none, and starting it
/// takes longer than all passes together on a small model.
public final class WorkerConstantEvaluator: ConstantEvaluator {
  private struct State {
    var unavailable: EvaluatorUnavailable?
    /// What models lost their worker to, by the hash of their bytes: a pipeline that repeats its passes would
    /// lose one, and the time of a hang, each time.
    var losses: [Int: WorkerError] = [:]
  }

  private let client: EvaluationClient
  private let secondsLimit: Double
  private let state = Mutex(State())

  /// - Parameter secondsLimit: how long one run may take.
  public init(_ client: EvaluationClient, secondsLimit: Double = 30) {
    self.client = client
    self.secondsLimit = secondsLimit
  }

  public func evaluate(_ model: Model) throws -> [Tensor] {
    try requireWorker()
    let bytes = try ONNXFormat.encode(model.named(types: .none))
    if let loss = state.withLock({ $0.losses.isEmpty ? nil : $0.losses[bytes.hashValue] }) { throw loss }
    do {
      let session = try client.session(.bytes(bytes, name: "constants"), .faithful)
      return try client.run(session, [:], timeout: secondsLimit).outputs
    } catch let error as WorkerError where error.isLoss && error != .cancelled {
      state.withLock { $0.losses[bytes.hashValue] = error }
      throw error
    }
  }

  /// Without a runtime the next constant would fail in the same way.
  private func requireWorker() throws {
    if let reason = state.withLock({ $0.unavailable }) { throw reason }
    do {
      try client.start()
    } catch {
      let reason = EvaluatorUnavailable("\(error)")
      state.withLock { $0.unavailable = reason }
      throw reason
    }
  }
}
