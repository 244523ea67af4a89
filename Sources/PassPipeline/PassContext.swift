import GraphIR
import Rewriting
import TensorCore

/// Computes constants. Passes know runtimes by this only.
public protocol ConstantEvaluator: Sendable {
  /// The outputs of the main graph of a model that has no inputs.
  func evaluate(_ model: Model) throws -> [Tensor]
}

/// There is no runtime to compute with: no constant can be computed, not only this one.
public struct EvaluatorUnavailable: Error, CustomStringConvertible {
  public let description: String

  public init(_ reason: String) {
    description = reason
  }
}

/// What a run of a pipeline gives its passes, and what it collects from them.
public struct PassContext: Sendable {
  /// Nil where no runtime is at hand: then nothing is folded by execution.
  public var evaluator: (any ConstantEvaluator)?
  public var statistics = RuleStatistics()
  /// What passes want people to know.
  public private(set) var notes: [String] = []
  /// Rules that threw; they are off for the rest of the run.
  public private(set) var failures: [GreedyDriver.Failure] = []
  /// How many steps the run may take. A step is one application of a rule, or a pass of another kind that
  /// changes the model. The same limit gives the same model, so that a fault can be found by bisection.
  public let stepLimit: Int
  public internal(set) var steps = 0

  public init(evaluator: (any ConstantEvaluator)? = nil, stepLimit: Int = .max) {
    self.evaluator = evaluator
    self.stepLimit = stepLimit
  }

  mutating func note(_ failure: GreedyDriver.Failure) {
    failures.append(failure)
    note("rule \(failure.rule) is off: it failed at \(failure.message)")
  }

  public mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }
}
