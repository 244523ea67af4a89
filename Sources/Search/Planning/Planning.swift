import Candidates
import Evaluation
import GraphIR

/// Finds plans: what removals leave is narrowed, and what that leaves gets fewer bits, each as far as the budget goes.
final class Planning {
  let search: Search
  let prepared: Search.Prepared
  let pricing: Pricing
  let choice: PlanChoice
  /// All that held on the search split, the exact model first.
  private(set) var plans: [PlanState]
  private let log: PlanLog
  /// Why a strategy had nothing to propose, where that was a failure.
  private(set) var failures: [String]
  /// The largest foretold error of a narrowing that held; nil before the first strategy has had its turn.
  private var largestErrorHeld: Double?

  /// - Parameters:
  ///   - removals: the states after each accepted removal, the exact model first.
  ///   - failures: why strategies had nothing to propose before.
  init(
    _ search: Search, _ prepared: Search.Prepared, removals: [PlanState], log: PlanLog, failures: [String]
  ) {
    self.log = log
    self.failures = failures
    self.search = search
    self.prepared = prepared
    pricing = search.pricing(prepared)
    choice = PlanChoice(rank: pricing.rank, isGain: { [pricing] in pricing.share(of: $0) < 1 })
    plans = removals.map(pricing.foretold)
  }

  var control: SearchControl { search.control }
  var exact: PlanState { plans[0] }

  /// Everything that was measured, with what it costs and whether it held; the exact model first.
  var everything: [(state: PlanState, isWithin: Bool)] {
    plans.map { ($0, true) } + log.refused.map { (pricing.foretold($0), false) }
  }

  /// Lets each strategy have its turn. An interrupt ends that, and what was found stays.
  func follow(_ generators: [any ScheduleGenerator]) {
    for stage in StrategyStage.allCases {
      let generators = generators.filter { type(of: $0).stage == stage }
      guard !generators.isEmpty, !control.isInterrupted else { continue }
      if stage == .precision { lowerPrecision(generators) } else { generators.forEach(narrow) }
    }
  }

  /// The plans to confirm, the best first: measured by the objective, and the best on all samples that choose, since
  /// the best of many estimates is too good.
  func ladder() throws -> [PlanState] {
    while true {
      try measureFront()
      let ladder = choice.ladder(of: comparable)
      guard let best = ladder.first, best.samples < prepared.searchSamples.count, !control.isInterrupted
      else {
        return ladder
      }
      plans = plans.compactMap { $0.title == best.title ? settled($0) : $0 }
    }
  }

  /// Plans that no other beats, with what they cost; what is measured may bring others to the front.
  private func measureFront() throws {
    while !control.isInterrupted {
      let open = choice.front(of: plans).filter { !$0.steps.isEmpty && !pricing.isKnown($0) }.map(\.title)
      guard !open.isEmpty else { return }
      for index in plans.indices where open.contains(plans[index].title) {
        plans[index] = try pricing.measured(plans[index])
        guard pricing.isKnown(plans[index]) else { return }
      }
    }
  }

  /// A measured latency does not compare with a foretold one. Whoever interrupts waits for no more measurements.
  private var comparable: [PlanState] {
    let known = plans.filter(pricing.isKnown)
    return known.isEmpty && control.isInterrupted ? plans : known
  }

  /// With the loss on all samples that choose; nil where it is not within the budget there.
  private func settled(_ plan: PlanState) -> PlanState? {
    var test = search.test(prepared, share: 1)
    test.endsEarly = false
    prepared.runner.stage = "settling"
    guard let verdict = test.verdict(on: plan) else { return control.isInterrupted ? plan : nil }
    let settled = plan.settled(verdict)
    if !verdict.isWithin { log.refused.append(settled) }
    return verdict.isWithin ? settled : nil
  }

  // MARK: Narrowing

  private func narrow(_ generator: any ScheduleGenerator) {
    announce(generator)
    let cheapest = largestErrorHeld == nil ? nil : choice.front(of: plans).last.flatMap(rank)
    let limit = search.options.narrowingShare * prepared.allowedLoss / 2
    for base in choice.bases(of: plans, losing: limit) where !control.isInterrupted {
      guard let family = family(of: generator, after: base), isPromising(family, nextTo: cheapest) else {
        continue
      }
      let found = familySearch(share: search.options.narrowingShare).run(on: family).plans
      add(found)
      let errors = found.compactMap { $0.origin.map { family.foretold($0.count) } }
      largestErrorHeld = ([largestErrorHeld ?? 0] + errors).max()
    }
  }

  /// Whether a strategy could make a better plan than there is: with as large an error as any narrowing that held, it
  /// costs less. Another that is no better there would only take samples.
  private func isPromising(_ family: ScheduleFamily, nextTo cheapest: Double?) -> Bool {
    guard let largestErrorHeld, largestErrorHeld > 0, let cheapest else { return true }
    let count = (0...family.count).last { family.foretold($0) <= largestErrorHeld } ?? 0
    guard count > 0, let rank = family.plan(count).flatMap(rank) else { return false }
    return rank < cheapest
  }

  /// As measured by the objective; nil where that is not possible.
  private func rank(of plan: PlanState) -> Double? {
    (try? pricing.measured(plan)).flatMap { pricing.isKnown($0) ? pricing.rank(of: $0) : nil }
  }

  // MARK: Families

  func announce(_ generator: any ScheduleGenerator) {
    prepared.runner.stage = type(of: generator).name
    control.report(.stage(type(of: generator).name, total: nil))
  }

  /// A strategy that fails is left out.
  func family(of generator: any ScheduleGenerator, after state: PlanState) -> ScheduleFamily? {
    do {
      let schedule = try generator.schedule(
        for: state.model, keeping: prepared.judge.head?.nodes ?? [],
        activations: Taps(model: state.model, calibration: prepared.calibration, runner: prepared.runner))
      return schedule.map { ScheduleFamily($0, of: generator, after: state) }
    } catch WorkerError.cancelled {
      return nil
    } catch {
      let failure = "\(type(of: generator).name) was left out: \(error)"
      if !failures.contains(failure) { failures.append(failure) }
      return nil
    }
  }

  func familySearch(share: Double, attempts: Int = 6) -> FamilySearch {
    FamilySearch(test: search.test(prepared, share: share), control: control, log: log, attempts: attempts)
  }

  func add(_ found: [PlanState]) { plans += found.map(pricing.foretold) }

  /// With everything that the objective asks for, so that they can be compared.
  func addMeasured(_ found: [PlanState]) {
    plans += found.map { (try? pricing.measured($0)) ?? pricing.foretold($0) }
  }
}
