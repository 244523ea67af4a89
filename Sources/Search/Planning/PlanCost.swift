import Evaluation
import GraphAnalysis
import GraphIR

/// What the model of a plan costs.
public struct PlanCost: Hashable, Sendable, Codable {
  /// Of weights.
  public var bytes: Int
  /// Of one sample, as the following.
  public var macs: Int
  /// Of weights, and at most of values alive at one time.
  public var memory: Int
  /// Next to the exact model, from interleaved runs; nil where it was not measured.
  public var latency: LatencyComparison?

  /// All but the latency.
  init(of model: Model) {
    let costs = CostModel(model)
    bytes = costs.weightBytes
    macs = costs.macs
    let (sum, overflow) = costs.weightBytes.addingReportingOverflow(costs.peakBytes)
    memory = overflow ? .max : sum
  }

  /// 1 for the exact model, and below for what is better. Multiply-accumulates and bytes foretell a latency that was
  /// not measured.
  func share(of exact: PlanCost, by objective: Objective) -> Double {
    func ratio(_ part: KeyPath<PlanCost, Int>) -> Double {
      Double(self[keyPath: part]) / Double(max(exact[keyPath: part], 1))
    }
    switch objective {
    case .latency: return latency?.ratio ?? (ratio(\.macs) + ratio(\.bytes)) / 2
    case .bytes: return ratio(\.bytes)
    case .macs: return ratio(\.macs)
    case .memory: return ratio(\.memory)
    }
  }
}
