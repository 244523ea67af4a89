import GraphIR
import Rewriting
import TensorCore

/// Finds for a node how it computes with axes in another order. What it cannot tell stays as it is.
struct LayoutFreedom {
  /// What the order of is given.
  enum Slot {
    case input(Int)
    case output(Int)
  }

  let model: Model
  let node: NodeView
  let slot: Slot
  let order: AxisOrder

  /// Nil where the node does not allow it.
  static func relayout(_ node: NodeID, _ slot: Slot, by order: AxisOrder, in model: Model) -> Relayout? {
    let view = model.view(of: node)
    guard view.op.isStandard, model.bodies(of: node).isEmpty, model.schema(of: node) != nil else {
      return nil
    }
    return try? LayoutFreedom(model: model, node: view, slot: slot, order: order).relayout()
  }

  private func relayout() throws -> Relayout {
    switch node.op.name {
    case let name where elementwise.contains(name): return try elementwiseLayout()
    case "Concat", "Split", "Softmax", "LogSoftmax", "Hardmax", "LpNormalization", "TopK", "CumSum":
      return try alongAxis()
    case "QuantizeLinear", "DequantizeLinear": return try quantization()
    case "ArgMax", "ArgMin": return try reduction(axes: [node.int("axis")], parameter: "axis")
    case let name where name.hasPrefix("Reduce"): return try reduction(axes: reducedAxes(), parameter: "axes")
    case "Squeeze": return try squeeze()
    case "Unsqueeze": return try unsqueeze()
    case "Pad": return try pad()
    case "Slice": return try slice()
    case "Tile", "Expand": return try repetition()
    case "Gather": return try gather()
    case "MatMul": return try product()
    case "LayerNormalization", "RMSNormalization": return try normalization()
    default: throw MatchFailure("the operator depends on the order")
    }
  }

  // MARK: Facts

  func require(_ condition: Bool) throws {
    guard condition else { throw MatchFailure("the operator depends on the order") }
  }

  func rank(ofInput index: Int) throws -> Int {
    guard let value = model.input(index, of: node.node), let shape = model.shape(of: value) else {
      throw MatchFailure("a rank is unknown")
    }
    return shape.rank
  }

  func rank(ofOutput index: Int) throws -> Int {
    guard let value = model.output(index, of: node.node), let shape = model.shape(of: value) else {
      throw MatchFailure("a rank is unknown")
    }
    return shape.rank
  }

  /// An axis counted from the front.
  func normalized(_ axis: Int, rank: Int) throws -> Int {
    try require(axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis
  }

  func normalized(_ axes: [Int], rank: Int) throws -> [Int] {
    let result = try axes.map { try normalized($0, rank: rank) }
    try require(Set(result).count == result.count)
    return result
  }

  var isInput: Bool { if case .input = slot { true } else { false } }

  /// Only input 0 and output 0 may be given.
  func requireFirstSlot() throws {
    switch slot {
    case .input(let index), .output(let index): try require(index == 0)
    }
  }
}

/// Operators that compute each element from those at the same place.
private let elementwise: Set<String> = [
  "Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd",
  "BitwiseNot",
  "BitwiseOr", "BitwiseXor", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Div", "Elu", "Equal", "Erf",
  "Exp",
  "Floor", "Gelu", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN",
  "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or",
  "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh",
  "Softplus",
  "Softsign", "Sqrt", "Sub", "Sum", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Where", "Xor",
]
