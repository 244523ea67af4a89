/// Which plans are worth keeping, and which of them held-back samples are asked about.
struct PlanChoice {
  /// Of a plan, lower is better; 1 for the exact model.
  let share: (PlanState) -> Double

  /// Those that no other beats in both loss and cost, the dearest first.
  func front(of states: [PlanState]) -> [PlanState] {
    var front: [PlanState] = []
    let ordered = states.map { (state: $0, share: share($0)) }
      .sorted { ($0.state.loss, $0.share) < ($1.state.loss, $1.share) }
    var least = Double.infinity
    for (state, share) in ordered where share < least {
      front.append(state)
      least = share
    }
    return front
  }

  /// The cheapest plan, and fall-backs for when it is refused: each the cheapest of those that lose at most 0.7 as
  /// much as the one before. None where no plan is cheaper than the exact model.
  func ladder(of states: [PlanState], rungs: Int = 4) -> [PlanState] {
    var ladder: [PlanState] = []
    var most = Double.infinity
    for state in front(of: states.filter { !$0.steps.isEmpty && share($0) < 1 }).reversed()
    where state.loss <= most && ladder.count < rungs {
      ladder.append(state)
      // Once nothing is lost, only what is measured to gain a sample could be safer.
      most = state.loss > 0 ? 0.7 * state.loss : state.loss.nextDown
    }
    return ladder
  }
}
