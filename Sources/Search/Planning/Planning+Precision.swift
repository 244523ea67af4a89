import Candidates

extension Planning {
  /// A whole schedule, with what it would cost.
  private struct Proposal {
    let family: ScheduleFamily
    let generator: any ScheduleGenerator
    let rank: Double
  }

  /// A whole schedule gains so much for so little that rather an earlier step is given back than a part of it. What
  /// each would gain is measured before what it loses: that takes no samples.
  func lowerPrecision(_ generators: [any ScheduleGenerator]) {
    let bases = bases()
    var proposals: [Proposal] = []
    for generator in generators where !control.isInterrupted {
      announce(generator)
      proposals += bases.compactMap { proposal(of: generator, for: $0) }
    }
    proposals.sort { $0.rank < $1.rank }
    for proposal in proposals.prefix(search.options.patience) where !control.isInterrupted {
      let found = boldest(of: proposal)
      guard let plan = found.last else { continue }
      addMeasured(found)
      return addMilder(plan, proposal)
    }
    guard let best = proposals.first, !control.isInterrupted else { return }
    addMeasured(search(from: best).run(on: best.family).plans)
  }

  /// What bits are taken from: the cheapest plan, the cheapest that loses at most 0.7 as much, the cheapest without
  /// narrowing, and the exact model.
  private func bases() -> [PlanState] {
    let removals = plans.filter { $0.steps.allSatisfy { $0.candidate.kind != ScheduleEdit.kind } }
    let chosen = choice.ladder(of: plans, rungs: 2) + choice.ladder(of: removals, rungs: 1) + [exact]
    var seen: Set<String> = []
    return chosen.filter { seen.insert($0.title).inserted }
  }

  /// Nil where there is nothing to gain.
  private func proposal(of generator: any ScheduleGenerator, for base: PlanState) -> Proposal? {
    guard let family = family(of: generator, after: base), let plan = family.plan(family.count),
      let priced = try? pricing.measured(plan), let before = try? pricing.measured(base)
    else { return nil }
    guard pricing.share(of: priced) < pricing.share(of: before) else { return nil }
    return Proposal(family: family, generator: generator, rank: pricing.rank(of: priced))
  }

  private func search(from proposal: Proposal) -> FamilySearch {
    announce(proposal.generator)
    return familySearch(share: 1, attempts: 4)
  }

  /// With as many changes before as the budget allows now.
  private func boldest(of proposal: Proposal) -> [PlanState] {
    guard let origin = proposal.family.base.origin else {
      return search(from: proposal).whole(proposal.family).map { [$0] } ?? []
    }
    // Its plans are kept here, and remember where they come from.
    let lowered = LoweredFamily(plans: origin.family) { [weak self] plan in
      self?.family(of: proposal.generator, after: plan).flatMap { $0.plan($0.count) }
    }
    let failed = origin.failed.flatMap { $0.loss > prepared.allowedLoss ? $0 : nil }
    var search = search(from: proposal)
    // What comes out is near to being the result, so that it is measured on all samples.
    search.test.endsEarly = false
    return search.run(on: lowered, first: origin.count, below: failed).plans
  }

  /// The same after milder plans, to fall back on.
  private func addMilder(_ plan: PlanState, _ proposal: Proposal) {
    var titles: Set = [proposal.family.base.title]
    for part in [0.6, 0.35] where !control.isInterrupted {
      guard let milder = milder(than: plan, after: proposal.family.base, losing: part * plan.loss),
        titles.insert(milder.title).inserted, let family = family(of: proposal.generator, after: milder)
      else { continue }
      addMeasured(search(from: proposal).whole(family).map { [$0] } ?? [])
    }
  }

  /// The cheapest of the plans that were found to lose at most `target`, and of what a smaller part of the changes of
  /// `base` is thought to lose.
  private func milder(than plan: PlanState, after base: PlanState, losing target: Double) -> PlanState? {
    let found = plans.filter { candidate in
      !candidate.steps.isEmpty && candidate.loss <= target
        && !candidate.steps.contains(where: lowersPrecision)
    }
    let fewer = base.milder(losing: target, of: plan.loss).map { [$0] } ?? []
    return (found + fewer).min { foretoldShare(of: $0) < foretoldShare(of: $1) }
  }

  private func lowersPrecision(_ step: AppliedStep) -> Bool {
    search.strategies.contains {
      type(of: $0).name == step.candidate.strategy && type(of: $0).stage == .precision
    }
  }

  /// Without latency, which was measured of some only.
  private func foretoldShare(of plan: PlanState) -> Double {
    PlanCost(of: plan.model).share(of: pricing.exact, by: pricing.objective)
  }
}
