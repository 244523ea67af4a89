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

  public init(evaluator: (any ConstantEvaluator)? = nil) {
    self.evaluator = evaluator
  }

  public mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }
}
