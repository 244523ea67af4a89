import GraphIR

/// Tries orders and sets of passes on one model, and keeps the one with the least cost.
///
/// Hill climbing from the exact pipeline: each round tries to leave out, or to put first, every pass that
/// changed something under the best plan, and to add every exact rule that is not in `rules(*)`; the best of
/// them is where the next round begins. It ends when no neighbour is better, or with the number of tries.
/// Greedy rewriting is not confluent in general: an early rule can take a pattern away from a later one, and
/// then leaving it out or postponing it gains.
public struct OrderSearch {
  /// One tried plan.
  public struct Attempt: Codable, Sendable {
    public let plan: PassPlan
    public let measurement: PlanMeasurement
    /// The passes that changed the model, by number of applications, the most first.
    public let active: [String]
  }

  public struct Outcome: Sendable {
    /// The exact pipeline as it is.
    public let start: Attempt
    public let best: Attempt
    /// In the order of the tries, the first among them.
    public let attempts: [Attempt]
    /// Whether neighbours of the best plan were left untried.
    public let wasCut: Bool
  }

  private let manager: PassManager
  private let cost: any PlanCost
  private let evaluator: (any ConstantEvaluator)?

  public init(_ manager: PassManager, cost: any PlanCost, evaluator: (any ConstantEvaluator)?) {
    self.manager = manager
    self.cost = cost
    self.evaluator = evaluator
  }

  /// - Parameters:
  ///   - tries: how many plans are run at most, those in the journal included.
  ///   - journal: what earlier runs tried, and where each new attempt goes.
  public func run(
    on model: Model, tries: Int, journal: inout some AttemptJournal,
    progress: (Int, Attempt) -> Void = { _, _ in }
  ) throws -> Outcome {
    var attempts: [Attempt] = []
    var tried: Set<PassPlan> = []
    func attempt(_ plan: PassPlan) throws -> Attempt {
      let known = journal.attempt(for: plan)
      let attempt = try known ?? run(plan, on: model)
      if known == nil { try journal.append(attempt) }
      tried.insert(plan)
      attempts.append(attempt)
      progress(attempts.count, attempt)
      return attempt
    }
    let start = try attempt(PassPlan())
    var best = start
    while true {
      let neighbours = neighbours(of: best).filter { !tried.contains($0) }
      var better = best
      for plan in neighbours.prefix(tries - attempts.count) {
        let next = try attempt(plan)
        if next.measurement.isBetter(than: better.measurement) { better = next }
      }
      let isFinished = better.plan == best.plan
      best = better
      if isFinished || attempts.count >= tries {
        let isCut = self.neighbours(of: best).contains { !tried.contains($0) }
        return Outcome(start: start, best: best, attempts: attempts, wasCut: isCut)
      }
    }
  }

  // MARK: Plans

  private var exactRules: [String] { manager.registry.exactRules.map { $0.name } }

  public func pipeline(for plan: PassPlan) -> Pipeline { plan.pipeline(exactRules: exactRules) }

  private func neighbours(of attempt: Attempt) -> [PassPlan] {
    let rules = Set(exactRules)
    let left = attempt.active.map { attempt.plan.leavingOut($0) }
    let first = attempt.active.filter { rules.contains($0) && !attempt.plan.first.contains($0) }
      .map { attempt.plan.putting(first: $0) }
    let optional = manager.registry.passes.filter { type in
      ((type as? any RewriteRule.Type).map { $0.runtime == nil } ?? false) && type.exactness != .approximate
        && !rules.contains(type.name)
        && !attempt.plan.extra.contains(type.name) && !attempt.plan.without.contains(type.name)
    }
    return optional.map { attempt.plan.adding($0.name) } + zip(left, first).flatMap { [$0, $1] }
      + left.dropFirst(first.count) + first.dropFirst(left.count)
  }

  private func run(_ plan: PassPlan, on model: Model) throws -> Attempt {
    var result = model
    _ = try manager.run(pipeline(for: plan), on: &result, in: PassContext(evaluator: evaluator))
    let gains = RuleGains(result).gains.sorted { $0.applications > $1.applications }
    // Without types nothing else would work.
    let needed: Set = ["infer-shapes", "lift-constants"]
    return Attempt(
      plan: plan, measurement: try cost.measure(result),
      active: gains.map(\.author).filter { manager.registry[$0] != nil && !needed.contains($0) })
  }
}

/// Remembers attempts, so that a search can go on where it was interrupted, and measured costs can be replayed.
public protocol AttemptJournal {
  func attempt(for plan: PassPlan) -> OrderSearch.Attempt?
  mutating func append(_ attempt: OrderSearch.Attempt) throws
}

/// Remembers while the process lives.
public struct TransientJournal: AttemptJournal {
  private var attempts: [PassPlan: OrderSearch.Attempt] = [:]

  public init() {}

  public func attempt(for plan: PassPlan) -> OrderSearch.Attempt? { attempts[plan] }

  public mutating func append(_ attempt: OrderSearch.Attempt) { attempts[attempt.plan] = attempt }
}
