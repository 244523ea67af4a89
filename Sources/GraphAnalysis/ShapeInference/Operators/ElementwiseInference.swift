import GraphIR
import TensorCore

/// Operators that compute each element from the elements at the same place of all inputs.
enum ElementwiseInference {
  static let operators: [String: InferenceFunction] = {
    var table: [String: InferenceFunction] = [
      "Cast": cast, "CastLike": castLike, "BitCast": cast, "Dropout": dropout, "Where": select,
      "Pow": arithmetic, "PRelu": { $0.same(as: 0) }, "Bernoulli": cast,
    ]
    for name in unary { table[name] = { $0.same(as: 0) } }
    for name in binary { table[name] = arithmetic }
    for name in variadic { table[name] = broadcastAll }
    for name in predicates { table[name] = { $0.result(.bool, $0.shape(0)) } }
    for name in comparisons { table[name] = comparison }
    return table
  }()

  private static let unary = [
    "Abs", "Acos", "Acosh", "Affine", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Celu", "Clip",
    "Cos", "Cosh", "CumProd", "CumSum", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish",
    "Hardmax", "Identity", "LeakyRelu", "Log", "LogSoftmax", "Mish", "Neg", "Not", "ParametricSoftplus",
    "Reciprocal", "Relu", "Round", "ScaledTanh", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh",
    "Softmax", "Softplus", "Softsign", "Sqrt", "SwiGLU", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Trilu",
  ]
  private static let binary = [
    "Add", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Mod", "Mul", "Sub",
  ]
  private static let variadic = ["Max", "Mean", "Min", "Sum"]
  private static let predicates = ["IsInf", "IsNaN"]
  private static let comparisons = [
    "And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Or", "Xor",
  ]

  @Sendable private static func arithmetic(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), broadcastShape(node))
  }

  @Sendable private static func comparison(_ node: InferenceContext) -> [ValueType?] {
    node.result(.bool, broadcastShape(node))
  }

  /// Before version 7 the second operand was stretched to the first.
  private static func broadcastShape(_ node: InferenceContext) -> Shape? {
    node.opset < 7 ? node.shape(0) : node.broadcastShape(of: 0..<2)
  }

  @Sendable private static func broadcastAll(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.broadcastShape(of: node.inputs.indices))
  }

  @Sendable private static func select(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(1) ?? node.elementType(2), node.broadcastShape(of: 0..<3))
  }

  /// To the type that an attribute names; for operators that may leave it out, the input's.
  @Sendable private static func cast(_ node: InferenceContext) -> [ValueType?] {
    let name = node.op.name == "Bernoulli" ? "dtype" : "to"
    if node.own(name) == nil, name == "dtype" { return node.same(as: 0) }
    return node.result(targetType(node, name), node.shape(0))
  }

  /// Version 1 of `Cast` names the type by a string.
  private static func targetType(_ node: InferenceContext, _ attribute: String) -> ElementType? {
    if let name = node.string(attribute) { return ElementType(named: name.lowercased()) }
    return node.elementType(attribute: attribute)
  }

  @Sendable private static func castLike(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(1), node.shape(0))
  }

  @Sendable private static func dropout(_ node: InferenceContext) -> [ValueType?] {
    let maskType = node.opset < 10 ? node.elementType(0) : .bool
    return node.same(as: 0) + node.result(maskType, node.shape(0))
  }
}

extension InferenceContext {
  /// The shape to which these inputs are broadcast together; nil where it is not known, or they do not fit.
  func broadcastShape(of indices: some Collection<Int>) -> Shape? {
    guard let first = indices.first, var result = shape(first) else { return nil }
    for index in indices.dropFirst() {
      guard let next = shape(index), let both = result.broadcast(with: next) else { return nil }
      result = both
    }
    return result
  }
}
