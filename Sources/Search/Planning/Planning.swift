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

  /// The plans that are worth measuring, with what they cost.
  func measureFront() throws {
    let front = Set(choice.front(of: plans).map(\.title))
    plans = try plans.map { front.contains($0.title) ? try pricing.measured($0) : $0 }
  }

  // MARK: Narrowing

  /// Narrowing starts twice: after all removals, and after none. Removals may have spent on one layer what would have
  /// narrowed many.
  private func narrow(_ generator: any ScheduleGenerator) {
    announce(generator)
    let boldest = choice.front(of: plans).last ?? exact
    let bases = boldest.steps.isEmpty ? [exact] : [exact, boldest]
    for base in bases where !control.isInterrupted {
      guard let schedule = schedule(of: generator, for: base) else { continue }
      plans += scheduleSearch(share: search.options.narrowingShare)
        .states(along: schedule, of: generator, after: base).map(pricing.foretold)
    }
  }

  // MARK: Precision

  private struct Proposal {
    let schedule: any Schedule
    let generator: any ScheduleGenerator
    let base: PlanState
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
    plans += scheduleSearch(share: 1).states(along: best.schedule, of: best.generator, after: best.base)
      .map(pricing.foretold)
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

  private func proposal(of generator: any ScheduleGenerator, for base: PlanState) -> Proposal? {
    guard let schedule = schedule(of: generator, for: base) else { return nil }
    let candidate = ScheduleEdit(schedule: schedule, count: schedule.steps.count).candidate(of: generator)
    var model = base.model
    guard (try? candidate.apply(to: &model)) != nil,
      let priced = try? pricing.measured(PlanState(model: model)), let before = try? pricing.measured(base)
    else { return nil }
    let share = pricing.share(of: priced)
    guard share < pricing.share(of: before) else { return nil }
    return Proposal(schedule: schedule, generator: generator, base: base, share: share)
  }

  /// Two plans are enough: one to hope for, and one that starts from at most half its loss.
  /// - Returns: how many held.
  private func firstThatHold(_ proposals: [Proposal]) -> Int {
    var (accepted, refused) = (0, 0)
    var mostLoss = Double.infinity
    for proposal in proposals
    where proposal.base.loss <= mostLoss && refused < search.options.patience && !control.isInterrupted {
      prepared.runner.stage = type(of: proposal.generator).name
      guard
        let next = scheduleSearch(share: 1)
          .whole(proposal.schedule, of: proposal.generator, after: proposal.base)
      else {
        refused += 1
        continue
      }
      plans.append(pricing.foretold(next))
      accepted += 1
      if accepted == 2 { break }
      mostLoss = proposal.base.loss / 2
    }
    return accepted
  }

  // MARK: Both

  private func announce(_ generator: any ScheduleGenerator) {
    prepared.runner.stage = type(of: generator).name
    control.report(.stage(type(of: generator).name, total: nil))
  }

  /// A strategy that fails is left out.
  private func schedule(of generator: any ScheduleGenerator, for state: PlanState) -> (any Schedule)? {
    do {
      return try generator.schedule(
        for: state.model, keeping: prepared.judge.head?.nodes ?? [],
        activations: Taps(model: state.model, calibration: prepared.calibration, runner: prepared.runner))
    } catch WorkerError.cancelled {
      return nil
    } catch {
      let failure = "\(type(of: generator).name) was left out: \(error)"
      if !failures.contains(failure) { failures.append(failure) }
      return nil
    }
  }

  private func scheduleSearch(share: Double) -> ScheduleSearch {
    ScheduleSearch(test: search.test(prepared, share: share), control: control)
  }
}
