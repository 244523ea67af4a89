import Candidates
import Evaluation
import GraphIR

/// Finds plans: what removals leave is narrowed, and what that leaves gets fewer bits, each as far as the budget goes.
final class Planning {
  private let search: Search
  private let prepared: Search.Prepared
  let pricing: Pricing
  let choice: PlanChoice
  /// All that held on the search split, the exact model first.
  private(set) var plans: [PlanState]
  /// Why a strategy had nothing to propose, where that was a failure.
  private(set) var failures: [String] = []

  /// - Parameter removals: the states after each accepted removal, the exact model first.
  init(_ search: Search, _ prepared: Search.Prepared, removals: [PlanState]) {
    self.search = search
    self.prepared = prepared
    pricing = search.pricing(prepared)
    choice = PlanChoice(share: pricing.share)
    plans = removals.map(pricing.foretold)
  }

  private var control: SearchControl { search.control }
  var exact: PlanState { plans[0] }

  /// Lets each strategy have its turn. An interrupt ends that, and what was found stays.
  func follow(_ generators: [any ScheduleGenerator]) {
    for stage in StrategyStage.allCases {
      let generators = generators.filter { type(of: $0).stage == stage }
      guard !generators.isEmpty, !control.isInterrupted else { continue }
      if stage == .precision { lowerPrecision(generators) } else { generators.forEach(narrow) }
    }
  }

  /// The plans to confirm, the best first: measured on all samples that choose, and by the objective.
  func ladder() throws -> [PlanState] {
    while true {
      try measureFront()
      let ladder = choice.ladder(of: comparable)
      guard let open = ladder.first(where: { $0.samples < prepared.searchSamples.count }),
        !control.isInterrupted
      else { return ladder }
      plans = plans.compactMap { $0.title == open.title ? settled($0) : $0 }
    }
  }

  /// Plans that no other beats, with what they cost.
  private func measureFront() throws {
    let front = Set(choice.front(of: plans).filter { !$0.steps.isEmpty }.map(\.title))
    plans = try plans.map { front.contains($0.title) ? try pricing.measured($0) : $0 }
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
    guard let verdict = test.verdict(on: plan), verdict.isWithin else { return nil }
    return plan.settled(verdict)
  }

  // MARK: Narrowing

  /// Narrowing starts twice: after all removals, and after none. Removals may have spent on one layer what would have
  /// narrowed many.
  private func narrow(_ generator: any ScheduleGenerator) {
    announce(generator)
    let boldest = choice.front(of: plans).last ?? exact
    let bases = boldest.steps.isEmpty ? [exact] : [exact, boldest]
    for base in bases where !control.isInterrupted {
      guard let family = family(of: generator, after: base) else { continue }
      plans += familySearch(share: search.options.narrowingShare).run(on: family).plans.map(pricing.foretold)
    }
  }

  // MARK: Precision

  /// A whole schedule, with what it would cost.
  private struct Proposal {
    let family: ScheduleFamily
    let cost: PlanCost?
    let share: Double
  }

  /// A whole schedule gains so much for so little that rather an earlier step is given back than a part of it. What
  /// each would gain is measured before what it loses: that takes no samples.
  private func lowerPrecision(_ generators: [any ScheduleGenerator]) {
    let bases = bases()
    var proposals: [Proposal] = []
    for generator in generators where !control.isInterrupted {
      announce(generator)
      proposals += bases.compactMap { proposal(of: generator, for: $0) }
    }
    proposals.sort { $0.share < $1.share }
    let accepted = firstThatHold(proposals)
    guard accepted == 0, let best = proposals.first, !control.isInterrupted else { return }
    plans += familySearch(share: 1).run(on: best.family).plans.map(pricing.foretold)
  }

  /// What bits are taken from: the cheapest plan, the cheapest that loses at most half and a quarter as much, the
  /// cheapest without narrowing, and the exact model.
  private func bases() -> [PlanState] {
    let removals = plans.filter { $0.steps.allSatisfy { $0.candidate.kind != ScheduleEdit.kind } }
    let chosen =
      choice.ladder(of: plans, rungs: 3) + choice.ladder(of: removals, rungs: 1) + [exact]
    var seen: Set<String> = []
    return chosen.filter { seen.insert($0.title).inserted }
  }

  /// Nil where there is nothing to gain.
  private func proposal(of generator: any ScheduleGenerator, for base: PlanState) -> Proposal? {
    guard let family = family(of: generator, after: base), let plan = family.plan(family.count),
      let priced = try? pricing.measured(plan), let before = try? pricing.measured(base)
    else { return nil }
    let share = pricing.share(of: priced)
    return share < pricing.share(of: before) ? Proposal(family: family, cost: priced.cost, share: share) : nil
  }

  /// Two plans are enough: one to hope for, and one that starts from at most half its loss.
  /// - Returns: how many held.
  private func firstThatHold(_ proposals: [Proposal]) -> Int {
    var (accepted, refused) = (0, 0)
    var mostLoss = Double.infinity
    for proposal in proposals
    where proposal.family.base.loss <= mostLoss && accepted < 2 && refused < search.options.patience
      && !control.isInterrupted
    {
      prepared.runner.stage = type(of: proposal.family.strategy).name
      if var plan = familySearch(share: 1).whole(proposal.family) {
        plan.cost = proposal.cost
        plans.append(plan)
        accepted += 1
        mostLoss = proposal.family.base.loss / 2
      } else {
        refused += 1
      }
    }
    return accepted
  }

  // MARK: Both

  private func announce(_ generator: any ScheduleGenerator) {
    prepared.runner.stage = type(of: generator).name
    control.report(.stage(type(of: generator).name, total: nil))
  }

  /// A strategy that fails is left out.
  private func family(of generator: any ScheduleGenerator, after state: PlanState) -> ScheduleFamily? {
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

  private func familySearch(share: Double) -> FamilySearch {
    FamilySearch(test: search.test(prepared, share: share), control: control)
  }
}
