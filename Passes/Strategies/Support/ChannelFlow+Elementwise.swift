import GraphIR
import Rewriting
import TensorCore

extension ChannelFlow {
  static let elementwiseRules: [String: Rule] = {
    var rules: [String: Rule] = [:]
    for name in unary { rules[name] = { flow, node in flow.visitUnary(node) } }
    for name in broadcasting { rules[name] = { flow, node in flow.visitBroadcasting(node) } }
    for name in pooling {
      rules[name] = { flow, node in
        guard let axis = flow.axis(0, of: node) else { return true }
        return axis.axis == 1 && flow.pass(axis, to: node)
      }
    }
    for name in ["Softmax", "LogSoftmax", "Hardmax", "LayerNormalization"] {
      rules[name] = { flow, node in try flow.visitNormalization(node) }
    }
    return rules
  }()

  /// What works on each element of its first input alone; further inputs, if any, are scalars.
  private static let unary = [
    "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh",
    "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu",
    "Log",
    "Mish", "Neg", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus",
    "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
  ]

  static let broadcasting = [
    "Add", "Div", "Max", "Mean", "Min", "Mul", "PRelu", "Pow", "Sub", "Sum", "Where",
  ]

  private static let pooling = [
    "AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "LpPool", "MaxPool",
  ]

  private mutating func visitUnary(_ node: NodeID) -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    return pass(axis, to: node)
  }

  /// Normalizes over axes from one on; channels have to lie before them.
  private mutating func visitNormalization(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    guard let shape = model.input(0, of: node).flatMap({ model.shape(of: $0) }) else { return false }
    let given = try model.attribute("axis", of: node)?.int ?? model.view(of: node).int("axis")
    guard let first = shape.normalizedAxis(given) else { return false }
    let isOneAxis =
      model.operatorName(of: node).name != "LayerNormalization"
      && model.opset("", in: model.mainGraph) ?? 0 >= 13
    guard axis.axis < first || isOneAxis && axis.axis != first else { return false }
    return pass(axis, to: node)
  }

  private mutating func visitBroadcasting(_ node: NodeID) -> Bool {
    let inputs = model.inputs(of: node).compactMap { $0 }
    guard inputs.contains(where: { axes[$0] != nil }) else { return true }
    guard inputs.count == model.inputCount(of: node), let output = model.output(0, of: node),
      let rank = ranks(of: inputs)?.max(), let joined = joinBroadcast(inputs, rank: rank)
    else { return false }
    for (index, input) in inputs.enumerated() {
      guard let tensor = model.constant(input) else { continue }
      let axis = joined.axis - (rank - tensor.rank)
      guard axis >= 0, tensor.dimensions[axis] != 1 || joined.channels.count == 1 else { continue }
      guard slice(index, of: node, axis: axis, joined.channels) else { return false }
    }
    return follow(output, joined)
  }

  /// Nil where one is not known.
  func ranks(of values: [ValueID]) -> [Int]? {
    let ranks = values.compactMap { model.constant($0)?.rank ?? model.shape(of: $0)?.rank }
    return ranks.count == values.count ? ranks : nil
  }

  /// The channels of what comes of values that are broadcast to `rank` axes. Those whose channels are followed
  /// have them along one axis, and the others are constants, or have one element along it.
  mutating func joinBroadcast(_ values: [ValueID], rank: Int) -> ChannelAxis? {
    guard let ranks = ranks(of: values) else { return nil }
    var joined: ChannelAxis?
    for (value, ownRank) in zip(values, ranks) {
      guard let own = axes[value] else { continue }
      let axis = own.axis + rank - ownRank
      guard let known = joined else {
        joined = ChannelAxis(axis: axis, channels: own.channels)
        continue
      }
      guard known.axis == axis, unite(known.channels, own.channels) else { return nil }
    }
    guard let joined else { return nil }
    for (value, ownRank) in zip(values, ranks) where axes[value] == nil && model.constant(value) == nil {
      let axis = joined.axis - (rank - ownRank)
      guard axis < 0 || model.shape(of: value)?.dimensions[axis] == .fixed(1) else { return nil }
    }
    return joined
  }
}
