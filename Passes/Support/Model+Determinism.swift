import GraphIR

extension Model {
  /// Whether the node gives the same outputs whenever its inputs are the same. Operators that no schema
  /// describes may do anything, and are not.
  func isDeterministic(_ node: NodeID) -> Bool { isDeterministic(node, depth: 0) }

  private func isDeterministic(_ node: NodeID, depth: Int) -> Bool {
    let name = operatorName(of: node)
    if let function = function(named: name) {
      // Functions that call themselves are illegal, but files can hold them.
      return depth < 16 && nodes(of: graph(of: function)).allSatisfy { isDeterministic($0, depth: depth + 1) }
    }
    guard schema(of: node) != nil, !randomOperators.contains(name.name) else { return false }
    if name.name == "Dropout", !isInferenceDropout(node) { return false }
    return bodies(of: node).allSatisfy { body in
      nodes(of: body).allSatisfy { isDeterministic($0, depth: depth) }
    }
  }

  /// Whether a `Dropout` lets everything through, in the version that its graph uses.
  func isInferenceDropout(_ node: NodeID) -> Bool {
    guard let version = opset("", in: graph(of: node)) else { return false }
    if version < 7 { return attribute("is_test", of: node)?.int ?? 0 != 0 }
    guard version >= 12, let training = input(2, of: node) else { return true }
    return constant(training)?.uniformValue == 0
  }
}

private let randomOperators: Set<String> = [
  "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
  // Of com.microsoft.
  "BiasDropout", "BitmaskBiasDropout", "BitmaskDropout", "Sampling",
]
