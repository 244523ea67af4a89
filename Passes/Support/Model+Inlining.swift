import GraphIR

extension Model {
  /// How many nodes lie in `graph` and the bodies inside, and how deep the innermost: 0 where there are no bodies.
  func extent(of graph: GraphID) -> (nodes: Int, depth: Int) {
    var extent = (nodes: 0, depth: 0)
    for node in nodes(of: graph) {
      extent.nodes += 1
      for body in bodies(of: node) {
        let inner = self.extent(of: body)
        extent.nodes += inner.nodes
        extent.depth = max(extent.depth, inner.depth + 1)
      }
    }
    return extent
  }

  /// How many bodies lie around the nodes of `graph`.
  func depth(of graph: GraphID) -> Int {
    var depth = 0, current = graph
    while let parent = parent(of: current) {
      depth += 1
      current = parent
    }
    return depth
  }

  /// What `root`, the main graph or a function's, has to import so that the nodes of `graph` mean the same there.
  /// Nil where they would not: an operator has another version.
  func imports(toMove graph: GraphID, to root: GraphID) -> [OpsetImport]? {
    var imports: [OpsetImport] = []
    return collectImports(toMove: graph, to: root, &imports) ? imports : nil
  }

  private func collectImports(
    toMove graph: GraphID, to root: GraphID, _ imports: inout [OpsetImport]
  ) -> Bool {
    nodes(of: graph).allSatisfy { node in
      let name = operatorName(of: node), version = opset(name.domain, in: graph)
      let there = opset(name.domain, in: root) ?? imports.first { $0.domain == name.domain }?.version
      if there == nil { imports.append(OpsetImport(domain: name.domain, version: version ?? 1)) }
      let isSame = there == nil || there == version || function(named: name) != nil
      guard isSame || isSameSchema(name, version, there) else { return false }
      return bodies(of: node).allSatisfy { collectImports(toMove: $0, to: root, &imports) }
    }
  }

  private func isSameSchema(_ name: OperatorName, _ version: Int?, _ other: Int?) -> Bool {
    guard let version, let other, let schema = OperatorSchema.lookup(name, opset: version) else {
      return false
    }
    return schema.sinceVersion == OperatorSchema.lookup(name, opset: other)?.sinceVersion
  }
}

extension Model {
  /// What `body` returns where `arguments` stand for its inputs.
  func results(of body: GraphID, arguments: [ValueID?]) -> [ValueID?] {
    let inputs = inputs(of: body)
    return outputs(of: body).map { output in
      guard let index = inputs.firstIndex(of: output), index < arguments.count else { return output }
      return arguments[index]
    }
  }
}
