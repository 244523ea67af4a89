import GraphIR
import TensorCore

/// In which numbers a convolution or a product of matrices is stored, and in which it runs.
public struct LayerPrecision: Hashable, Sendable {
  /// What tells a runtime to use fewer bits.
  public enum Form: String, Hashable, Sendable, CaseIterable {
    /// Nothing: the operands are what they were.
    case plain
    /// `DequantizeLinear` before both operands: runtimes make one integer operator of it.
    case quantizeDequantize = "QDQ"
    /// `DequantizeLinear` before the weights alone: stored small, run in floating point.
    case dequantizedWeights = "dequantized weights"
    /// A `Cast` of stored weights: stored small, run in the type that it gives.
    case castWeights = "cast weights"
    /// An operator on integers, as `ConvInteger` or `QLinearMatMul`.
    case integerOperator = "integer operator"
    /// ONNX Runtime's product with weights of few bits.
    case packedBits = "MatMulNBits"
  }

  /// Of the weights as they are stored, or of the second operand: `int8`, `float16`; `unknown` without a type.
  public let weights: String
  public let form: Form

  /// Whether weights have fewer bits than half precision.
  public var isQuantized: Bool {
    form != .plain && !weights.hasPrefix("float") && !weights.hasPrefix("bfloat")
  }

  /// Nil for operators that are neither convolutions nor products.
  public init?(of node: NodeID, in model: Model) {
    let op = model.operatorName(of: node)
    if op == OperatorName("MatMulNBits", domain: "com.microsoft") {
      weights = "int\(model.attribute("bits", of: node)?.int ?? 4)"
      form = .packedBits
      return
    }
    guard let layer = Self.layers[op] else { return nil }
    let operand = Self.origin(of: model.input(layer.weights, of: node), in: model)
    weights = operand.type?.description ?? "unknown"
    if layer.isInteger {
      form = .integerOperator
    } else {
      let input = Self.origin(of: model.input(0, of: node), in: model)
      switch operand.conversion {
      case "DequantizeLinear":
        form = input.conversion == "DequantizeLinear" ? .quantizeDequantize : .dequantizedWeights
      case "Cast": form = .castWeights
      default: form = .plain
      }
    }
  }

  private struct Layer {
    let weights: Int
    var isInteger = false
  }

  private static let layers: [OperatorName: Layer] = {
    let float = ["Conv", "ConvTranspose", "DeformConv", "Gemm", "MatMul"]
    let contrib = ["FusedConv", "FusedGemm", "FusedMatMul"]
    var table: [OperatorName: Layer] = [:]
    for name in float { table[OperatorName(name)] = Layer(weights: 1) }
    for name in contrib { table[OperatorName(name, domain: "com.microsoft")] = Layer(weights: 1) }
    for (name, domain, weights) in [
      ("ConvInteger", "", 1), ("MatMulInteger", "", 1), ("QLinearConv", "", 3), ("QLinearMatMul", "", 3),
      ("QGemm", "com.microsoft", 3), ("DynamicQuantizeMatMul", "com.microsoft", 1),
      ("MatMulIntegerToFloat", "com.microsoft", 1),
    ] {
      table[OperatorName(name, domain: domain)] = Layer(weights: weights, isInteger: true)
    }
    return table
  }()

  /// Operators that only place elements otherwise.
  private static let movers: Set<String> = [
    "Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten",
  ]

  /// What a value is before it was moved and converted: its type, and the operator that converted it.
  private static func origin(of value: ValueID?, in model: Model) -> (type: ElementType?, conversion: String?)
  {
    var value = value
    for _ in 0..<16 {
      guard let current = value else { break }
      guard let producer = model.producer(of: current), model.operatorName(of: producer).isStandard else {
        break
      }
      let name = model.operatorName(of: producer).name
      let source = model.input(0, of: producer)
      if name == "DequantizeLinear" {
        return (type: source.flatMap { model.elementType(of: $0) }, conversion: name)
      }
      if name == "Cast", let source, model.constant(source) != nil {
        return (type: model.elementType(of: source), conversion: name)
      }
      guard movers.contains(name) else { break }
      value = source
    }
    return (type: value.flatMap { model.elementType(of: $0) }, conversion: nil)
  }
}
