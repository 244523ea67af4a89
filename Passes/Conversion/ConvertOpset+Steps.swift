import GraphIR

extension ConvertOpset {
  /// Raises what lies under `root`, version by version, so that the model is valid after each.
  static func raise(_ root: GraphID, to target: Int, in model: inout Model) throws {
    guard let first = model.opset("", in: root), first < target else { return }
    try requireKnownOperators(under: root, in: model)
    for version in first + 1...target {
      let upgrades = upgrades(under: root, to: version, in: model)
      try model.edit(as: name) { rewriter in
        for var upgrade in upgrades {
          do {
            try upgrade.run(with: &rewriter)
          } catch let refusal as UpgradeRefusal {
            throw ModelError(
              "cannot convert from opset \(version - 1) to \(version): \(refusal.reason)",
              node: rewriter.model.label(of: upgrade.node))
          }
        }
        rewriter.setOpset(version, under: root)
      }
    }
  }

  private static func nodes(under root: GraphID, in model: Model) -> [NodeID] {
    model.allGraphs.filter { model.root(of: $0) == root }.flatMap { model.nodes(of: $0) }
  }

  /// What no schema describes may have changed in any way.
  private static func requireKnownOperators(under root: GraphID, in model: Model) throws {
    let functions = Set(model.functions.map { model.name(of: $0) })
    for node in nodes(under: root, in: model) {
      let op = model.operatorName(of: node)
      guard op.isStandard, !functions.contains(op), model.schema(of: node) == nil else { continue }
      throw ModelError(
        "cannot convert: opset \(model.opset("", in: root) ?? 0) has no operator \(op)",
        node: model.label(of: node))
    }
  }

  /// The nodes whose operator has a new version in operator set `version`.
  private static func upgrades(under root: GraphID, to version: Int, in model: Model) -> [NodeUpgrade] {
    let functions = Set(model.functions.map { model.name(of: $0) })
    var schemas: [OperatorID: (old: OperatorSchema, new: OperatorSchema)?] = [:]
    return nodes(under: root, in: model).compactMap { node in
      let id = model.operatorID(of: node)
      let change =
        schemas[id]
        ?? {
          let op = model.operatorName(id)
          guard op.isStandard, !functions.contains(op) else { return nil }
          let old = OperatorSchema.lookup(op, opset: version - 1)
          guard let old, let new = OperatorSchema.lookup(op, opset: version), new.sinceVersion == version
          else { return nil }
          return (old: old, new: new)
        }()
      schemas[id] = change
      return change.map { NodeUpgrade(node, from: $0.old, to: $0.new, in: model) }
    }
  }
}
