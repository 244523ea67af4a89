import GraphIR

/// Dominators of the values of one graph: value `a` dominates `b` when every path from the graph's inputs to `b`
/// leads through `a`. Constants are no paths.
///
/// The graph is acyclic and its nodes are sorted, so one pass finds each immediate dominator as the nearest
/// common ancestor of what a node reads (Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", 2001).
struct DominatorTree {
  /// The nearest value that dominates each value; none where several inputs meet.
  private var parents: [ValueID: ValueID] = [:]
  private var depths: [ValueID: Int] = [:]
  private let model: Model

  init(of graph: GraphID, in model: Model) {
    self.model = model
    for input in model.inputs(of: graph) where model.constant(input) == nil { depths[input] = 0 }
    for node in model.nodes(of: graph) {
      let read = Self.dataInputs(of: node, in: model).filter { depths[$0] != nil }
      guard let first = read.first else { continue }
      let parent = read.dropFirst().reduce(Optional(first)) { common, value in
        common.flatMap { nearestCommonDominator($0, value) }
      }
      for output in model.outputs(of: node) {
        depths[output] = parent.flatMap { depths[$0] }.map { $0 + 1 } ?? 0
        parents[output] = parent
      }
    }
  }

  /// Whether the value depends on an input of the graph.
  func isData(_ value: ValueID) -> Bool { depths[value] != nil }

  func immediateDominator(of value: ValueID) -> ValueID? { parents[value] }

  /// The last value through which all that leads to `a` or `b` passes; `a` itself where it dominates `b`.
  func nearestCommonDominator(_ a: ValueID, _ b: ValueID) -> ValueID? {
    var (a, b) = (a, b)
    while a != b {
      let (depthA, depthB) = (depths[a] ?? 0, depths[b] ?? 0)
      if depthA >= depthB {
        guard let parent = parents[a] else { return nil }
        a = parent
      } else {
        guard let parent = parents[b] else { return nil }
        b = parent
      }
    }
    return a
  }

  /// What a node and its bodies read that is no constant.
  static func dataInputs(of node: NodeID, in model: Model) -> [ValueID] {
    (model.inputs(of: node).compactMap { $0 } + (model.bodies(of: node).isEmpty ? [] : model.captures(of: node)))
      .filter { model.constant($0) == nil }
  }
}
