import Evaluation

/// How a search divides the memory that it may take.
public struct MemoryBudget: Hashable, Sendable {
  public let total: Int

  public init(total: Int = MachineMemory.byteCount / 2) {
    self.total = total
  }

  /// What a worker may make for itself: it holds the models, the samples, stored activations and what a run needs. The
  /// rest is for this process, which holds outputs.
  public var worker: Int { total / 4 * 3 }

  /// Of stored activations, and of the values of one run that reads inside a model. More than this gains nothing.
  var activations: Int { min(total / 8, 256 << 20) }
}
