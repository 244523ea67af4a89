import Candidates
import GraphIR

/// Groups narrowed step by step, over all groups in the order of predicted error for what a step saves.
struct ChannelSchedule: Schedule {
  let steps: [ScheduledStep]
  private let places: [Place]
  private let ladders: [ChannelLadder]
  private let narrowing: ChannelNarrowing

  /// The step of a ladder that a step of the schedule is.
  private struct Place: Hashable {
    let ladder: Int
    let step: Int
  }

  init(_ ladders: [ChannelLadder], _ plan: ChannelPlan) {
    self.ladders = ladders
    narrowing = ChannelNarrowing(plan)
    var progress = Progress(ladders, plan)
    var places: [Place] = []
    var steps: [ScheduledStep] = []
    while let ladder = progress.next() {
      let step = progress.levels[ladder]
      let saving = progress.advance(ladder)
      let group = plan.groups.groups[ladders[ladder].group]
      let (to, units) = (ladders[ladder].widths[step], ladders[ladder].units)
      let name = plan.flow.model.label(of: group.producers[0])
      steps.append(
        ScheduledStep(
          title: "\(name): \(to * group.channelsOfUnit) of \(units * group.channelsOfUnit) channels",
          nodes: (group.producers + group.consumers.map { plan.flow.consumers[$0].node }).sorted(),
          predictedError: ladders[ladder].errors[step], saving: saving))
      places.append(Place(ladder: ladder, step: step))
    }
    self.places = places
    self.steps = steps
  }

  func apply(_ chosen: [Int], to model: inout Model) throws {
    var deepest = [Int](repeating: -1, count: ladders.count)
    for index in chosen where places.indices.contains(index) {
      deepest[places[index].ladder] = max(deepest[places[index].ladder], places[index].step)
    }
    var removed: Set<Int32> = []
    for (ladder, step) in zip(ladders, deepest) where step >= 0 {
      removed.formUnion(ladder.order.prefix(ladder.units - ladder.widths[step]))
    }
    guard !removed.isEmpty else { return }
    try narrowing.apply(removing: removed, to: &model)
  }
}

/// How far each ladder has been climbed down.
private struct Progress {
  private let ladders: [ChannelLadder]
  private let costs: ChannelCosts
  private var removed: [Int]
  private var saved = Saving()
  /// The next step of each ladder.
  private(set) var levels: [Int]
  /// Of each ladder: the steps up to this one are made in one go.
  private var target: (ladder: Int, level: Int)?

  init(_ ladders: [ChannelLadder], _ plan: ChannelPlan) {
    self.ladders = ladders
    costs = ChannelCosts(plan.groups, plan.flow)
    removed = [Int](repeating: 0, count: plan.groups.groups.count)
    levels = [Int](repeating: 0, count: ladders.count)
  }

  /// The ladder whose next steps, one or several, cost the least error for what they save.
  mutating func next() -> Int? {
    if let target, levels[target.ladder] <= target.level { return target.ladder }
    var best: (ladder: Int, level: Int, ratio: Double)?
    for (index, ladder) in ladders.enumerated() {
      let before = levels[index] > 0 ? ladder.errors[levels[index] - 1] : 0
      let gained = costs.gain(removed)
      for level in levels[index]..<ladder.widths.count {
        let gain = costs.gain(removed(index, level)) - gained
        let ratio = max(ladder.errors[level] - before, 0) / max(gain, 1e-12)
        if ratio < best?.ratio ?? .infinity { best = (index, level, ratio) }
      }
    }
    target = best.map { ($0.ladder, $0.level) }
    return best?.ladder
  }

  mutating func advance(_ index: Int) -> Saving {
    let ladder = ladders[index]
    let total = costs.saving(removed(index, levels[index]))
    let saving = total - saved
    saved = total
    removed[ladder.group] = ladders[index].units - ladder.widths[levels[index]]
    levels[index] += 1
    return saving
  }

  /// Of each group, with a ladder at a level.
  private func removed(_ index: Int, _ level: Int) -> [Int] {
    var removed = removed
    removed[ladders[index].group] = ladders[index].units - ladders[index].widths[level]
    return removed
  }
}
