import GraphIR

extension DecisionTree {
  /// - Throws: `ModelError` for cycles, and for trees that are deeper than `TreeEnsembleView.maximumDepth`.
  ///   All children must be in `nodes`. O(nodes), without recursion.
  func validate(_ attributes: TreeAttributes) throws {
    let order = reachableNodes()
    var parents = parentCounts(of: order)
    var depths = [Int](repeating: 0, count: nodes.count)
    var ready = parents[root] == 0 ? [root] : []
    var visited = 0
    while let index = ready.popLast() {
      visited += 1
      try attributes.require(depths[index] <= TreeEnsembleView.maximumDepth, "a tree is too deep")
      guard case .branch(let branch) = nodes[index] else { continue }
      for child in [branch.whenTrue, branch.whenFalse] {
        depths[child] = max(depths[child], depths[index] + 1)
        parents[child] -= 1
        if parents[child] == 0 { ready.append(child) }
      }
    }
    try attributes.require(visited == order.count, "a tree has a cycle")
  }

  /// For each node how many edges from nodes that the root leads to reach it.
  func parentCounts(of reachable: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: nodes.count)
    for index in reachable {
      guard case .branch(let branch) = nodes[index] else { continue }
      counts[branch.whenTrue] += 1
      counts[branch.whenFalse] += 1
    }
    return counts
  }

  /// Whether ONNX Runtime can lay the tree out. It visits false sides first and places each right after its parent,
  /// so that a node with several parents can be the false side of the first one only.
  var hasRuntimeLayout: Bool {
    var isPlaced = [Bool](repeating: false, count: nodes.count)
    var pending = [(node: root, isFalseSide: false)]
    while let (node, isFalseSide) = pending.popLast() {
      if isPlaced[node] {
        if isFalseSide { return false }
        continue
      }
      isPlaced[node] = true
      guard case .branch(let branch) = nodes[node] else { continue }
      pending.append((node: branch.whenTrue, isFalseSide: false))
      pending.append((node: branch.whenFalse, isFalseSide: true))
    }
    return true
  }
}
