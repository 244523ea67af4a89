import GraphIR
import Rewriting
import TensorCore

// What adapters ask of a node, and how they change its draft.

extension NodeUpgrade {
  // MARK: Attributes

  func given(_ name: String) -> AttributeValue? { attributes.first { $0.name == name }?.value }

  /// The attribute's value, or the old version's default; nil where it has none.
  /// - Throws: `UpgradeRefusal` inside a function whose caller gives the value.
  func value(_ name: String) throws -> AttributeValue? {
    guard let given = given(name) else { return old.attribute(named: name)?.defaultValue }
    if case .reference = given { throw UpgradeRefusal("'\(name)' is given by the function's callers") }
    return given
  }

  mutating func remove(_ names: String...) {
    attributes.removeAll { names.contains($0.name) }
  }

  mutating func set(_ name: String, to literal: AttributeLiteral) {
    remove(name)
    attributes.append(Attribute(name, literal.value))
  }

  mutating func rename(_ name: String, to newName: String) {
    guard let value = given(name) else { return }
    remove(name)
    attributes.append(Attribute(newName, value))
  }

  // MARK: Inputs

  func input(_ index: Int) -> ValueID? { inputs.indices.contains(index) ? inputs[index] : nil }

  mutating func setInput(_ index: Int, to value: ValueID?) {
    while inputs.count <= index { inputs.append(nil) }
    inputs[index] = value
  }

  func shape(_ index: Int, in model: Model) throws -> Shape {
    try unwrap(
      input(index).flatMap { model.shape(of: $0) },
      "the rank of '\(old.input(at: index)?.name ?? "an input")' is unknown")
  }

  func elementType(_ index: Int, in model: Model) throws -> ElementType {
    try unwrap(input(index).flatMap { model.elementType(of: $0) }, "the element type is unknown")
  }

  func constant(_ index: Int, in model: Model) -> Tensor? { input(index).flatMap { model.constant($0) } }

  /// Whether something reads the node's output `index`.
  func isRead(output index: Int, in model: Model) -> Bool {
    model.output(index, of: node).map { model.hasUses($0) } ?? false
  }

  // MARK: New values

  func add(_ tensor: Tensor, with rewriter: inout Rewriter) -> ValueID {
    rewriter.addConstant(tensor, in: rewriter.model.graph(of: node))
  }

  /// The first output of a new standard operator before the node.
  func insert(
    _ name: String, _ inputs: [ValueID?], _ attributes: AttributeList = [:], type: ValueType?,
    with rewriter: inout Rewriter
  ) -> ValueID {
    let id = rewriter.insert(
      OperatorName(name), inputs: inputs, outputs: [type], attributes: attributes.attributes, before: node)
    return rewriter.model.outputs(of: id)[0]
  }
}
