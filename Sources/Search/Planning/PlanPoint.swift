/// A plan that was measured, whether or not it was chosen: a point of loss and cost.
public struct PlanPoint: Sendable, Codable {
  public struct Step: Hashable, Sendable, Codable {
    public var strategy: String
    public var title: String

    public init(strategy: String, title: String) {
      self.strategy = strategy
      self.title = title
    }
  }

  /// For people to name it by; those that lose least come first, and 0 is the exact model.
  public var number: Int
  public var steps: [Step]
  /// How much worse the metric is on the samples that choose, of which so many were run.
  public var loss: Double
  public var standardError: Double
  public var samples: Int
  public var cost: PlanCost
  /// By the objective, 1 for the exact model; nil where that takes a latency that was not measured.
  public var share: Double?
  /// Whether the samples that choose allowed it.
  public var isWithinBudget: Bool
  /// Whether no other point is better in both loss and the objective.
  public var isOnFront: Bool
  /// Whether it is the result.
  public var isResult = false
  /// Whether its model is in the journal, so that it can be written.
  public var isKept = false
}

extension PlanPoint {
  public var title: String {
    steps.isEmpty ? "exact passes only" : steps.map { "\($0.strategy): \($0.title)" }.joined(separator: "; ")
  }

  /// Steps of one strategy are counted.
  public var brief: String {
    guard !steps.isEmpty else { return title }
    return steps.chunked { $0.strategy == $1.strategy }.map { run in
      run.count == 1 ? "\(run[0].strategy): \(run[0].title)" : "\(run.count) × \(run[0].strategy)"
    }.joined(separator: "; ")
  }

  fileprivate init(_ state: PlanState, isWithin: Bool, pricing: Pricing) {
    self.init(
      number: 0,
      steps: state.steps.map { Step(strategy: $0.candidate.strategy, title: $0.candidate.title) },
      loss: state.loss, standardError: state.standardError, samples: state.samples,
      cost: state.cost ?? PlanCost(of: state.model),
      share: pricing.isKnown(state) || state.steps.isEmpty ? pricing.share(of: state) : nil,
      isWithinBudget: isWithin, isOnFront: false)
  }
}

extension Planning {
  /// Everything that was measured.
  /// - Parameter result: the plan that held-back samples confirmed.
  func points(result: PlanState) -> [(point: PlanPoint, state: PlanState)] {
    var plans = everything.map { plan in
      var point = PlanPoint(plan.state, isWithin: plan.isWithin, pricing: pricing)
      point.isResult = plan.state.title == result.title
      return (point: point, state: plan.state)
    }
    plans[1...].sort { Self.order(of: $0) < Self.order(of: $1) }
    var least = Double.infinity
    for number in plans.indices {
      plans[number].point.number = number
      guard let share = plans[number].point.share, share < least else { continue }
      plans[number].point.isOnFront = true
      least = share
    }
    return plans
  }

  private static func order(of plan: (point: PlanPoint, state: PlanState)) -> (Double, Double, String) {
    (plan.state.loss, plan.point.share ?? .infinity, plan.state.title)
  }
}

extension [PlanPoint.Step] {
  /// Runs of neighbours that are alike.
  fileprivate func chunked(_ areAlike: (Element, Element) -> Bool) -> [[Element]] {
    reduce(into: []) { runs, step in
      if let last = runs.last?.last, areAlike(last, step) {
        runs[runs.count - 1].append(step)
      } else {
        runs.append([step])
      }
    }
  }
}
