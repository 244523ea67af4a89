import Evaluation
import Foundation
import GraphIR

/// Tells what plans cost, next to the exact model.
struct Pricing {
  let objective: Objective
  let exact: PlanCost
  /// Nil where it cannot be measured, because somebody interrupts or the model does not run.
  let latency: (Model) throws -> LatencyComparison?

  /// With everything that the objective asks for.
  func measured(_ state: PlanState) throws -> PlanState {
    var state = foretold(state)
    if objective == .latency, state.cost?.latency == nil { state.cost?.latency = try latency(state.model) }
    return state
  }

  /// With what takes no run.
  func foretold(_ state: PlanState) -> PlanState {
    var state = state
    state.cost = state.cost ?? PlanCost(of: state.model)
    return state
  }

  func isKnown(_ state: PlanState) -> Bool { objective != .latency || state.cost?.latency != nil }

  /// By what plans are compared, lower is better: of two that are nearly as fast, the smaller one is better, and no
  /// measured latency is so exact that it could tell them apart.
  func rank(of state: PlanState) -> Double {
    let share = share(of: state)
    guard objective == .latency, let cost = state.cost else { return share }
    let bytes = Double(max(cost.bytes, 1)) / Double(max(exact.bytes, 1))
    return share * pow(bytes, 1.0 / 8)
  }

  /// Below 1 where the plan is better than the exact model.
  func share(of state: PlanState) -> Double {
    (state.cost ?? PlanCost(of: state.model)).share(of: exact, by: objective)
  }
}
