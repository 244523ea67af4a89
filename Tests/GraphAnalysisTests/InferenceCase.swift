import GraphAnalysis
import GraphIR
import TensorCore
import Testing

/// One operator with what is known of its inputs, and the types that inference should give its outputs.
///
/// An input is a type such as `float[N,3]`, a vector of integers such as `= 1 -1`, of sizes such as `: N 64`,
/// a scalar such as `== 3`, `-` for one left out, or `?` for one of which nothing is known. An output is a
/// type, or `?`.
struct InferenceCase: Sendable, CustomTestStringConvertible {
  let op: OperatorName
  let inputs: [String]
  let attributes: [Attribute]
  let opset: Int
  let outputs: [String]

  init(
    _ op: String, _ inputs: [String], _ attributes: [String: AttributeValue] = [:], opset: Int = 23,
    gives outputs: String...
  ) {
    let parts = op.split(separator: "/")
    self.op = OperatorName(String(parts[parts.count - 1]), domain: parts.count > 1 ? String(parts[0]) : "")
    self.inputs = inputs
    self.attributes = attributes.sorted { $0.key < $1.key }.map { Attribute($0.key, $0.value) }
    self.opset = opset
    self.outputs = outputs
  }

  var testDescription: String { "\(op)(\(inputs.joined(separator: ", "))) → \(outputs)" }

  var inferred: [String] {
    ShapeInference.outputTypes(
      of: op, opset: opset, attributes: attributes, inputs: inputs.map(Self.input), outputCount: outputs.count
    ).map { $0.map { "\($0)" } ?? "?" }
  }

  private static func input(_ text: String) -> InferenceInput? {
    let words = text.split(separator: " ").map(String.init)
    switch words.first {
    case nil, "-": return nil
    case "?": return InferenceInput(type: nil)
    case "==": return constant(words, [])
    case "=": return constant(words, [words.count - 1])
    case ":":
      let sizes = words.dropFirst().map(dimension)
      return InferenceInput(type: .tensor(.int64, Shape(fixed: [sizes.count])), elements: sizes)
    default: return InferenceInput(type: type(text))
    }
  }

  private static func constant(_ words: [String], _ dimensions: [Int]) -> InferenceInput? {
    let numbers = words.dropFirst()
    let isReal = numbers.contains { $0.contains(".") }
    let tensor =
      isReal
      ? try? Tensor(float32: numbers.compactMap(Float.init), dimensions)
      : try? Tensor(int64: numbers.compactMap { Int($0) }, dimensions)
    return tensor.map { InferenceInput(type: .tensor($0.type), constant: $0) }
  }
}

/// Reads a type such as `float[N,2*M,?]`, `float` (a scalar), `float[]` (of unknown rank).
func type(_ text: String) -> ValueType? {
  let parts = text.split(separator: "[", maxSplits: 1)
  guard let elementType = parts.first.flatMap({ ElementType(named: String($0)) }) else { return nil }
  guard parts.count == 2 else { return .tensor(elementType, .scalar) }
  let sizes = parts[1].dropLast().split(separator: ",").map { dimension(String($0)) }
  return .tensor(elementType, sizes.isEmpty ? nil : Shape(sizes))
}

func dimension(_ text: String) -> Dimension {
  text == "?" ? .unknown : Dimension(DimensionExpression(parsing: text))
}
