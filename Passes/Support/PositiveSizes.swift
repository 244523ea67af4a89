import GraphAnalysis
import GraphIR
import TensorCore

/// The symbols that stand for sizes of at least 1 in every run in which the model does not fail.
///
/// A `Reshape` that asks for −1 fails where its other sizes have the product 0, since −1 is then undefined. So
/// their symbols are positive, if the node runs at all: it must be in the main graph.
struct PositiveSizes {
  private var symbols: Set<String> = []

  init(of model: Model, _ values: SymbolicValues) {
    for node in model.nodes(of: model.mainGraph) where model.operatorName(of: node) == OperatorName("Reshape")
    {
      note(node, in: model, values)
    }
  }

  private mutating func note(_ reshape: NodeID, in model: Model, _ values: SymbolicValues) {
    guard let target = model.input(1, of: reshape), let entries = values.elements(of: target, in: model),
      entries.contains(-1)
    else { return }
    let input = model.input(0, of: reshape).flatMap { model.shape(of: $0) }
    for (axis, entry) in entries.enumerated() where entry != -1 {
      let isCopied = entry == 0 && (model.attribute("allowzero", of: reshape)?.int ?? 0) == 0
      let size = isCopied ? input.flatMap { axis < $0.rank ? $0[axis] : nil } : entry
      guard let summands = size?.expression?.summands, summands.count == 1 else { continue }
      for case .symbol(let name) in summands[0].factors { symbols.insert(name) }
    }
  }

  /// Whether the size is at least 1: all terms are non-negative, and one is positive.
  func contains(_ size: Dimension) -> Bool {
    guard size.isKnownNonNegative, let summands = size.expression?.summands else { return false }
    return summands.contains { summand in
      summand.coefficient > 0
        && summand.factors.allSatisfy {
          if case .symbol(let name) = $0 { symbols.contains(name) } else { false }
        }
    }
  }
}

extension SymbolicValues {
  /// The elements of a constant of rank 0 or 1, or those that are followed.
  func elements(of value: ValueID, in model: Model) -> [Dimension]? {
    if let followed = self[value] { return followed }
    guard let tensor = model.constant(value), tensor.rank <= 1, tensor.elementCount <= 1024 else {
      return nil
    }
    return (try? tensor.integers())?.map(Dimension.fixed)
  }
}
