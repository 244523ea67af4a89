import GraphIR
import Rewriting
import TensorCore

/// Why a node cannot follow its operator to the next version.
struct UpgradeRefusal: Error {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

/// A node on its way from one version of its operator to the next: a draft of what it becomes, written when it
/// is complete.
struct NodeUpgrade {
  let node: NodeID
  let old: OperatorSchema
  let new: OperatorSchema
  var op: OperatorName
  var inputs: [ValueID?]
  var attributes: [Attribute]
  /// Whether an adapter has put other nodes in the node's place.
  var isReplaced = false

  init(_ node: NodeID, from old: OperatorSchema, to new: OperatorSchema, in model: Model) {
    self.node = node
    self.old = old
    self.new = new
    op = old.op
    inputs = model.inputs(of: node)
    attributes = model.attributes(of: node)
  }

  mutating func run(with rewriter: inout Rewriter) throws {
    dropAttributesWithoutMeaning()
    if let adapt = OpsetAdapters.adapter(for: old.op.name, version: new.sinceVersion) {
      try adapt(&self, &rewriter)
    }
    guard !isReplaced else { return }
    if op == old.op { try followSchema(with: &rewriter) }
    try write(with: &rewriter)
  }

  func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
    guard condition else { throw UpgradeRefusal(reason()) }
  }

  func unwrap<Value>(_ optional: Value?, _ reason: @autoclosure () -> String) throws -> Value {
    guard let optional else { throw UpgradeRefusal(reason()) }
    return optional
  }

  // MARK: Writing

  private func write(with rewriter: inout Rewriter) throws {
    guard op != old.op else {
      if inputs != rewriter.model.inputs(of: node) { rewriter.setInputs(of: node, to: inputs) }
      if !isSame(attributes, rewriter.model.attributes(of: node)) {
        rewriter.setAttributes(of: node, to: attributes)
      }
      return
    }
    let outputs = rewriter.model.outputs(of: node)
    let types = outputs.map { rewriter.model.type(of: $0) }
    let name = rewriter.model.name(of: node)
    let successor = rewriter.insert(
      op, inputs: inputs, outputs: types, attributes: attributes, name: name, before: node)
    try replaceOutputs(outputs, by: successor, with: &rewriter)
  }

  /// Makes `successor` stand for the node: its outputs are read and named as the node's were.
  func replaceOutputs(_ outputs: [ValueID], by successor: NodeID, with rewriter: inout Rewriter) throws {
    for (old, new) in zip(outputs, rewriter.model.outputs(of: successor)) {
      let name = rewriter.model.name(of: old)
      try rewriter.replaceAllUses(of: old, with: new)
      rewriter.setName(of: new, to: name)
    }
    rewriter.eraseIfDead(node)
  }

  private func isSame(_ a: [Attribute], _ b: [Attribute]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy {
        $0.name == $1.name && $0.value.isIdentical(to: $1.value, bodies: { $0 == $1 })
      }
  }
}
