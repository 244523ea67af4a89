import Candidates
import GraphIR
import LinearAlgebra

/// A candidate that the plan took, and what the search split said of it.
public struct AppliedStep: Sendable {
  public let candidate: Candidate
  /// How much worse the metric was in all after this step.
  public let lossAfter: Double
  /// By this step. Steps that were measured together have shares of what they lost, in proportion to what was
  /// foretold of them.
  public let lossOfStep: Double
}

/// A model after some changes.
struct PlanState {
  var model: Model
  var steps: [AppliedStep] = []
  var refitted: LinearMap?
  /// Of the loss, on the samples that chose.
  var standardError = 0.0
  /// How many of those samples it was measured on.
  var samples = 0
  var cost: PlanCost?
  /// Where it comes from, so that milder plans can be made; nil for the exact model.
  var origin: Origin?

  struct Origin {
    let family: any PlanFamily
    let count: Int
    /// The mildest plan of the family that did not hold.
    var failed: FamilySearch.Measured?
  }

  /// Nodes of the original that it lacks or computes in another way.
  var changed: [NodeID] { steps.flatMap(\.candidate.nodes) }
  var loss: Double { steps.last?.lossAfter ?? 0 }
  /// For people; plans of one search differ in it.
  var title: String {
    steps.isEmpty
      ? "exact passes only"
      : steps.map { "\($0.candidate.strategy): \($0.candidate.title)" }.joined(separator: "; ")
  }

  /// Further changes, not measured yet; nil where they cannot be made.
  func applying(_ candidates: [Candidate]) -> PlanState? {
    var next = self
    for candidate in candidates {
      guard (try? candidate.apply(to: &next.model)) != nil else { return nil }
      next.steps.append(AppliedStep(candidate: candidate, lossAfter: loss, lossOfStep: 0))
    }
    next.cost = nil
    next.origin = nil
    return next
  }

  /// A plan with fewer of the same changes, as many as are thought to lose `target`; not measured. Nil where nothing
  /// would be left.
  /// - Parameter loss: what is known best of this plan's loss.
  func milder(losing target: Double, of loss: Double) -> PlanState? {
    guard let origin, loss > 0 else { return nil }
    let family = origin.family
    let lossBefore = min(max(family.base.loss, 0), loss)
    guard target > lossBefore else { return family.base.milder(losing: target, of: lossBefore) }
    let limit =
      family.foretold(origin.count) * (target - lossBefore) / max(loss - lossBefore, target - lossBefore)
    let count = (0..<origin.count).last { family.foretold($0) <= limit } ?? 0
    return count > 0 ? family.plan(count) : family.base.steps.isEmpty ? nil : family.base
  }

  /// - Parameters:
  ///   - base: the plan that this one goes on from.
  ///   - foretold: what each further step was thought to lose, in any unit.
  func measured(_ verdict: BudgetTest.Verdict, after base: PlanState, foretold: [Double]) -> PlanState {
    var next = self
    let total = foretold.reduce(0, +)
    var loss = base.loss
    for (index, part) in zip(base.steps.count..<steps.count, foretold) {
      let share = total > 0 ? part / total : 1 / Double(foretold.count)
      let ofStep = (verdict.loss.mean - base.loss) * share
      loss = index == steps.count - 1 ? verdict.loss.mean : loss + ofStep
      next.steps[index] = AppliedStep(candidate: steps[index].candidate, lossAfter: loss, lossOfStep: ofStep)
    }
    next.refitted = verdict.refitted
    next.standardError = verdict.loss.standardError
    next.samples = verdict.loss.count
    return next
  }

  /// Measured again on more samples: the last step takes the difference.
  func settled(_ verdict: BudgetTest.Verdict) -> PlanState {
    guard let last = steps.last else { return self }
    var next = self
    next.steps[steps.count - 1] = AppliedStep(
      candidate: last.candidate, lossAfter: verdict.loss.mean,
      lossOfStep: last.lossOfStep + verdict.loss.mean - last.lossAfter)
    next.refitted = verdict.refitted
    next.standardError = verdict.loss.standardError
    next.samples = verdict.loss.count
    return next
  }
}
