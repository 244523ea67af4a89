extension Rewriter {
  /// Lets the nodes under `root` (the main graph or a function's) mean version `version` of `domain`'s operators.
  public mutating func setOpset(_ version: Int, of domain: String = "", under root: GraphID) {
    touch()
    let domain = OperatorName.canonical(domain: domain)
    if case .function(let function) = model.graphs[root].kind {
      model.functionTable[function].opsetImports.set(version, of: domain)
    } else {
      model.header.opsetImports.set(version, of: domain)
    }
  }

  /// Lets nodes of `graph` mean the newest operators of the domain that `op` is from, if none are imported.
  public mutating func importDomain(of op: OperatorName, in graph: GraphID) {
    guard !op.domain.isEmpty, let version = OperatorSchema.newestOpset(domain: op.domain) else { return }
    // A function's nodes are inlined into the main graph, which has to know what they mean.
    for root in [model.root(of: graph), model.mainGraph] where model.opset(op.domain, in: root) == nil {
      setOpset(version, of: op.domain, under: root)
    }
  }

  /// Raises the version of the format to at least `version`. The main graph's inputs that were constants, as
  /// all with a tensor are before version 4, become initializers then: callers could override them otherwise.
  public mutating func raiseFormat(to version: Int) {
    guard model.header.irVersion < version else { return }
    touch()
    if model.header.irVersion < 4, version >= 4 {
      for graph in model.allGraphs { turnDefaultsIntoInitializers(of: graph) }
    }
    model.header.irVersion = version
  }

  private mutating func turnDefaultsIntoInitializers(of graph: GraphID) {
    let constants = model.inputs(of: graph).filter { model.values[$0].constant != 0 }
    guard !constants.isEmpty else { return }
    for value in constants { model.values[value].definition = .initializer(graph) }
    model.graphs[graph].inputs.removeAll { model.values[$0].constant != 0 }
    model.graphs[graph].initializers += constants
  }
}

extension [OpsetImport] {
  fileprivate mutating func set(_ version: Int, of domain: String) {
    if let index = firstIndex(where: { $0.domain == domain }) {
      self[index].version = version
    } else {
      append(OpsetImport(domain: domain, version: version))
    }
  }
}
