/// Which plans are worth keeping, and which of them held-back samples are asked about.
struct PlanChoice {
  /// Of a plan, lower is better.
  let rank: (PlanState) -> Double
  /// Whether a plan is better than the exact model.
  let isGain: (PlanState) -> Bool

  /// What a plan could well lose: few samples tell little.
  private func risk(_ state: PlanState) -> Double { state.loss + state.standardError }

  /// Those that no other beats in both loss and cost, the dearest first.
  func front(of states: [PlanState]) -> [PlanState] {
    var front: [PlanState] = []
    let ordered = states.map { (state: $0, rank: rank($0)) }
      .sorted { (risk($0.state), $0.rank) < (risk($1.state), $1.rank) }
    var least = Double.infinity
    for (state, rank) in ordered where rank < least {
      front.append(state)
      least = rank
    }
    return front
  }

  /// What further changes start from: the cheapest plan, and the cheapest of the others that loses at most `limit`, since
  /// the last changes of the first may have spent on little what would have bought much.
  func bases(of states: [PlanState], losing limit: Double) -> [PlanState] {
    let front = front(of: states)
    return [front.dropLast().last { $0.loss <= limit }, front.last].compactMap { $0 }
  }

  /// The cheapest plan, and fall-backs for when it is refused: each the cheapest of those that lose at most 0.75 as
  /// much as the one before. None where no plan is cheaper than the exact model.
  func ladder(of states: [PlanState], rungs: Int = 4) -> [PlanState] {
    var ladder: [PlanState] = []
    var most = Double.infinity
    for state in front(of: states.filter { !$0.steps.isEmpty && isGain($0) }).reversed()
    where risk(state) <= most && ladder.count < rungs {
      ladder.append(state)
      // Once nothing is lost, only what is measured to gain a sample could be safer.
      most = risk(state) > 0 ? 0.75 * risk(state) : risk(state).nextDown
    }
    return ladder
  }
}
