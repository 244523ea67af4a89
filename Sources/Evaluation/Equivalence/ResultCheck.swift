import Foundation
import TensorCore

/// Compares models that were made of an original with it, on inputs that the original accepts.
///
/// The original runs once for all comparisons, so that a faulty step can be sought by bisection.
public struct ResultCheck: Sendable {
  public enum Verdict: Hashable, Sendable {
    /// Every output agrees within the tolerance; `unstable` are outputs that say nothing, because the
    /// original's own change as much when its inputs change in the last digits, or from run to run.
    case same(largestError: Double, unstable: [String])
    case different(OutputComparison)
    /// The engine refuses the changed model, fails in running it, or takes two workers down with it.
    case refused(String)

    public var isSame: Bool { if case .same = self { true } else { false } }
  }

  private struct Run: Sendable {
    let inputs: [String: Tensor]
    let outputs: [Tensor]
  }

  private let equivalence: EquivalenceCheck
  private let client: EvaluationClient
  private let original: SessionHandle
  private let names: [String]
  private let runs: [Run]

  /// How many sets of inputs are compared.
  public var draws: Int { runs.count }

  /// - Parameters:
  ///   - inputs: the first `draws` that the original accepts are taken.
  ///   - depth: see `EquivalenceCheck`.
  /// - Throws: `WorkerError` with what the original said last, where it accepts none.
  public init(
    _ source: SessionSource, on inputs: some Sequence<[String: Tensor]>, draws: Int = 3, depth: Int,
    client: EvaluationClient
  ) throws {
    equivalence = EquivalenceCheck(.rounding, depth: depth)
    self.client = client
    let original = try Self.withSecondWorker { try client.session(source, .faithful) }
    let names = original.outputs.map(\.name)
    (self.original, self.names) = (original, names)
    var runs: [Run] = []
    var refusal: WorkerError?
    for set in inputs where runs.count < draws {
      do throws(any Error) {
        let answer = try Self.withSecondWorker { try client.run(original, set, outputs: names) }
        runs.append(Run(inputs: set, outputs: answer.outputs))
      } catch let error as WorkerError {
        guard case .runtime = error else { throw error }
        refusal = error
      }
    }
    if runs.isEmpty { throw refusal ?? .runtime("there are no inputs to compare with") }
    self.runs = runs
  }

  /// - Throws: `WorkerError` where workers give no answer in time, or are killed.
  public func verdict(on changed: SessionSource) throws -> Verdict {
    do {
      return try Self.withSecondWorker { try comparison(with: changed) }
    } catch let error as WorkerError {
      switch error {
      // The system ends what takes too much memory.
      case .crashed(signal: SIGKILL, _): throw error
      case .runtime, .crashed, .exited, .garbage: return .refused("\(error)")
      case .timedOut, .cancelled, .notStarted, .noEngine: throw error
      }
    }
  }

  private func comparison(with changed: SessionSource) throws -> Verdict {
    let session = try client.session(changed, .faithful)
    var report = EquivalenceReport()
    var unstable: Set<String> = []
    for run in runs {
      let found = try comparisons(client.run(session, run.inputs, outputs: names).outputs, run)
      let doubtful = try found.allSatisfy(\.isEqual) ? [] : unstableOutputs(run)
      unstable.formUnion(doubtful)
      report.add(found.filter { !doubtful.contains($0.name) })
    }
    if let worst = report.worst, !worst.isEqual { return .different(worst) }
    return .same(
      largestError: report.outputs.map(\.maximumAbsoluteError).max() ?? 0, unstable: unstable.sorted())
  }

  /// A worker can be lost for reasons of its own, such as a system that is short of memory; the second time the
  /// model is to blame.
  private static func withSecondWorker<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as WorkerError where error.isLoss && error != .cancelled {
      return try body()
    }
  }

  private func comparisons(_ outputs: [Tensor], _ run: Run) throws -> [OutputComparison] {
    try equivalence.compare(
      outputs.map(OutputValue.tensor), with: run.outputs.map(OutputValue.tensor), names: names)
  }

  /// The outputs that the original itself does not reproduce, from inputs that differ in their last digits:
  /// the place of a maximum among near-equals, or anything random.
  private func unstableOutputs(_ run: Run) throws -> Set<String> {
    let nudged = try run.inputs.mapValues(Self.nudged)
    let found = try comparisons(client.run(original, nudged, outputs: names).outputs, run)
    return Set(found.filter { !$0.isEqual }.map(\.name))
  }

  /// Real numbers moved by four units in the last place, up and down in turns.
  private static func nudged(_ tensor: Tensor) throws -> Tensor {
    let relative: Double
    switch tensor.elementType {
    case .float64: relative = 0x1p-50
    case .float32: relative = 0x1p-21
    case .float16: relative = 0x1p-8
    case .bfloat16: relative = 0x1p-5
    default: return tensor
    }
    let values = try tensor.doubles().enumerated().map {
      $0.element * (1 + ($0.offset & 1 == 0 ? relative : -relative))
    }
    return try Tensor(tensor.elementType, rounding: values, tensor.dimensions)
  }
}
