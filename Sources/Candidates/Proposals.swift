import GraphIR

/// What a strategy proposes for a model.
public enum Proposals: Sendable {
  case candidates([Candidate])
  case steps(any Schedule)

  /// - Parameters:
  ///   - keeping: nodes that schedules leave as they are.
  ///   - activations: of `model`, on calibration data without labels.
  public init(
    of strategy: any Strategy, for model: Model, keeping: Set<NodeID> = [], activations: any ActivationSource
  ) throws {
    if let generator = strategy as? any CandidateGenerator {
      self = .candidates(try generator.candidates(for: model, activations: activations))
    } else if let generator = strategy as? any ScheduleGenerator,
      let schedule = try generator.schedule(for: model, keeping: keeping, activations: activations)
    {
      self = .steps(schedule)
    } else {
      self = .candidates([])
    }
  }

  /// Of the candidates or steps, in order; each is there once.
  public var titles: [String] {
    switch self {
    case .candidates(let candidates): candidates.map(\.title)
    case .steps(let schedule): schedule.steps.map(\.title)
    }
  }

  /// Makes the changes `chosen`, indices into `titles`.
  /// - Throws: `ModelError` where a candidate no longer fits after those before it.
  public func apply(_ chosen: [Int], to model: inout Model) throws {
    switch self {
    case .candidates(let candidates): for index in chosen { try candidates[index].apply(to: &model) }
    case .steps(let schedule): try schedule.apply(chosen, to: &model)
    }
  }

  /// The indices of what an example takes.
  /// - Throws: `ModelError` where there is no such change.
  public func indices(of choice: StrategyExample.Choice) throws -> [Int] {
    switch choice {
    case .first(let count):
      guard (1...max(titles.count, 1)).contains(count), !titles.isEmpty else {
        throw ModelError("\(count) changes are taken, and \(titles.count) proposed")
      }
      return Array(0..<count)
    case .titled(let wanted):
      return try wanted.map { title in
        guard let index = titles.firstIndex(of: title) else {
          throw ModelError("'\(title)' is not proposed, but \(titles)")
        }
        return index
      }
    }
  }
}
