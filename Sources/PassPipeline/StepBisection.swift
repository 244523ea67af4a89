import GraphIR

/// Finds the step of a pipeline that spoils a model: runs are deterministic, so that a run that stops after `n`
/// steps (`PassContext.stepLimit`) is the beginning of the whole one.
public struct StepBisection {
  /// One step: who made it, and the edits that it made.
  public struct Culprit: Sendable {
    /// Counted from 1.
    public let step: Int
    /// The rule or pass.
    public let author: String
    /// The nodes that it removed, then those that it made, as people know them.
    public let removed: [String]
    public let created: [String]
  }

  private let manager: PassManager
  private let pipeline: Pipeline
  private let original: Model
  private let evaluator: (any ConstantEvaluator)?

  public init(
    _ manager: PassManager, _ pipeline: Pipeline, on original: Model, evaluator: (any ConstantEvaluator)?
  ) {
    self.manager = manager
    self.pipeline = pipeline
    self.original = original
    self.evaluator = evaluator
  }

  /// The first step after which `isSound` does not hold, in about log₂ `steps` runs. Where a later step mends
  /// what an earlier one broke, it is one of several.
  /// - Parameter steps: of the whole run, after which the model is not sound.
  public func culprit(among steps: Int, isSound: (Model) throws -> Bool) throws -> Culprit {
    var (sound, unsound) = (0, steps)
    while unsound - sound > 1 {
      let middle = sound + (unsound - sound) / 2
      if try isSound(model(after: middle)) { sound = middle } else { unsound = middle }
    }
    return describe(step: unsound, before: try model(after: sound), after: try model(after: unsound))
  }

  private func model(after steps: Int) throws -> Model {
    var model = original
    _ = try manager.run(pipeline, on: &model, in: PassContext(evaluator: evaluator, stepLimit: steps))
    return model
  }

  private func describe(step: Int, before: Model, after: Model) -> Culprit {
    let entries = after.journal.entries.dropFirst(before.journal.entries.count)
    return Culprit(
      step: step, author: entries.first?.author ?? "unknown",
      removed: entries.flatMap(\.erased).map { after.label(of: $0) },
      created: entries.flatMap(\.created).filter { !after.isErased($0) }.map { after.label(of: $0) })
  }
}

extension StepBisection.Culprit: CustomStringConvertible {
  public var description: String {
    let gone = removed.isEmpty ? "nothing" : Self.list(removed)
    return "\(author), which replaced \(gone)" + (created.isEmpty ? "" : " by \(Self.list(created))")
  }

  private static func list(_ labels: [String]) -> String {
    labels.prefix(6).joined(separator: ", ") + (labels.count > 6 ? " and \(labels.count - 6) more" : "")
  }
}
