import GraphIR
import TensorCore

extension Rewriter {
  /// The only output of a new node before `successor`.
  mutating func value(
    of op: String, _ inputs: [ValueID?], type: ValueType?, attributes: [Attribute] = [], domain: String = "",
    before successor: NodeID
  ) -> ValueID {
    let node = insert(
      OperatorName(op, domain: domain), inputs: inputs, outputs: [type], attributes: attributes,
      before: successor)
    return model.outputs(of: node)[0]
  }

  /// The first node of the main graph before which `value` is there; nil where nothing could read it.
  func firstNode(after value: ValueID) -> NodeID? {
    guard let producer = model.producer(of: value) else { return model.firstNode(of: model.mainGraph) }
    return model.node(after: producer)
  }
}
