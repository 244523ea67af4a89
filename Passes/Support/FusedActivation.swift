import Rewriting

/// An element-wise activation that ONNX Runtime computes within its `FusedConv` or `FusedGemm`.
struct FusedActivation {
  let name: String
  /// The attributes of the activation, in the order of the fused operator's parameters.
  let parameters: [String]

  private static let plain = ["Relu", "Sigmoid", "Tanh"].map { FusedActivation(name: $0, parameters: []) }
  private static let leaky = FusedActivation(name: "LeakyRelu", parameters: ["alpha"])
  private static let hard = FusedActivation(name: "HardSigmoid", parameters: ["alpha", "beta"])

  static let ofConvolutions =
    plain + [leaky, hard, FusedActivation(name: "Clip", parameters: ["min", "max"])]

  static let ofProducts =
    plain + [leaky, hard]
    + ["Elu", "ThresholdedRelu"].map { FusedActivation(name: $0, parameters: ["alpha"]) }
    + ["Softplus", "Softsign"].map { FusedActivation(name: $0, parameters: []) }

  /// The activation of `input`; what `Clip` has beside it is read from the matched node.
  func applied(to input: Term, as capture: Capture) -> Term {
    let rest: [Term] = name == "Clip" ? [Variadic("bounds").term] : []
    return Op.named(name).applied(to: [input] + rest, as: capture)
  }

  /// The values of the parameters; bounds that are left out do not bound.
  /// - Throws: `MatchFailure` where one is computed.
  func values(of node: NodeView) throws -> [Float] {
    try parameters.map { parameter in
      if name == "Clip", !node.has(parameter) {
        return parameter == "min" ? -Float.greatestFiniteMagnitude : .greatestFiniteMagnitude
      }
      return Float(try node.float(parameter))
    }
  }
}
