/// Finds how bold a plan of a family can be within the budget, with few measurements.
///
/// Where losses of two plans are known, the next is the one whose loss is the budget by linear interpolation over what
/// was foretold (the method of false position); from the fourth on the middle, so that a bad forecast costs little.
struct FamilySearch {
  var test: BudgetTest
  let control: SearchControl
  /// Gets the plans that did not hold.
  var log: PlanLog?
  /// Plans that are measured at most.
  var attempts = 6

  typealias Measured = (count: Int, loss: Double)

  struct Outcome {
    /// Those that held, each bolder than the one before; none where not even the first change holds.
    var plans: [PlanState] = []
    /// The least bold that did not, where one was found.
    var failed: Measured?
  }

  /// - Parameters:
  ///   - first: the plan to begin with; nil for the one that is thought to lose the budget.
  ///   - failed: a bolder one that does not hold.
  func run(on family: some PlanFamily, first: Int? = nil, below failed: Measured? = nil) -> Outcome {
    var outcome = Outcome()
    var holds: Measured = (0, family.base.loss)
    var fails: Measured = failed ?? (family.count + 1, .infinity)
    for attempt in 0..<attempts where isWorthwhile(holds, fails, family) && !control.isInterrupted {
      let count =
        attempt == 0 ? first ?? next(attempt, holds, fails, family) : next(attempt, holds, fails, family)
      guard let (plan, isWithin) = judged(count, of: family) else {
        fails = (count, .infinity)
        continue
      }
      if isWithin {
        outcome.plans.append(plan)
        holds = (count, plan.loss)
      } else {
        fails = (count, plan.loss)
      }
    }
    outcome.failed = fails.count > family.count ? nil : fails
    for index in outcome.plans.indices { outcome.plans[index].origin?.failed = outcome.failed }
    return outcome
  }

  /// The boldest plan alone; nil where it does not hold.
  func whole(_ family: some PlanFamily) -> PlanState? {
    judged(family.count, of: family).flatMap { $0.isWithin ? $0.plan : nil }
  }

  private func judged(_ count: Int, of family: some PlanFamily) -> (plan: PlanState, isWithin: Bool)? {
    guard let plan = family.plan(count) else { return nil }
    let last = plan.steps.last?.candidate.title ?? ""
    control.report(.trying(last))
    guard let verdict = test.verdict(on: plan) else { return nil }
    control.report(.advanced(best: verdict.isWithin ? "\(last), loss \(verdict.loss.mean.shown)" : nil))
    var measured = plan.measured(verdict, after: family.base, foretold: family.parts(count))
    measured.origin = PlanState.Origin(family: family, count: count)
    if !verdict.isWithin { log?.refused.append(measured) }
    return (measured, verdict.isWithin)
  }

  /// A last step or two of many is not worth another measurement.
  private func isWorthwhile(_ holds: Measured, _ fails: Measured, _ family: some PlanFamily) -> Bool {
    holds.count < family.count
      && (fails.count > family.count || fails.count - holds.count > max(1, family.count / 32))
  }

  private func next(_ attempt: Int, _ holds: Measured, _ fails: Measured, _ family: some PlanFamily) -> Int {
    let (least, most) = (holds.count + 1, fails.count - 1)
    let middle = (holds.count + fails.count) / 2
    guard attempt < 3, let limit = limit(holds, fails, family) else { return middle }
    let bold = (least...most).last { family.foretold($0) <= limit }
    return bold ?? least
  }

  /// What may be foretold of a plan that loses the budget; nil where nothing is known of that.
  private func limit(_ holds: Measured, _ fails: Measured, _ family: some PlanFamily) -> Double? {
    let target = test.share * test.allowedLoss
    let start = family.foretold(holds.count)
    if fails.loss.isFinite, fails.loss > holds.loss {
      let part = (target - holds.loss) / (fails.loss - holds.loss)
      return start + min(max(part, 0), 1) * (family.foretold(fails.count) - start)
    }
    if holds.count > 0 {
      // Losses on few samples can be too good: nothing is taken to lose less than an eighth of the budget.
      let spent = max(holds.loss - family.base.loss, target / 8)
      return start * (target - family.base.loss) / spent
    }
    return family.foretellsLoss ? target - family.base.loss : nil
  }
}
