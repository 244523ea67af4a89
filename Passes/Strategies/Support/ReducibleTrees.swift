import GraphAnalysis
import GraphIR

/// A tree ensemble that can be made smaller step by step.
protocol ReducibleTrees: ReducibleNode {
  /// What the edit journal calls it.
  static var strategy: String { get }
  /// The trees after the first `count` steps, from 1 to their number.
  func view(after count: Int) -> TreeEnsembleView
}

extension ReducibleTrees {
  func apply(_ count: Int, to model: inout Model) throws {
    guard let attributes = view(after: count).attributes(replacing: model.attributes(of: node)) else {
      throw ModelError("has no layout for the trees that are left", node: model.label(of: node))
    }
    model.edit(as: Self.strategy) { $0.setAttributes(of: node, to: attributes) }
  }
}

extension TreeEnsembleView {
  /// The ensemble of a node of the main graph whose scores are sums or averages of what its trees give, and the table
  /// that it reads; nil for others.
  static func summing(_ node: NodeID, in model: Model) -> (view: TreeEnsembleView, table: ValueID)? {
    guard isEnsemble(node, in: model), let table = model.input(0, of: node),
      let view = try? TreeEnsembleView(reading: node, in: model),
      view.aggregation == .sum || view.aggregation == .average
    else { return nil }
    return (view: view, table: table)
  }
}
