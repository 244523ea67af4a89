import GraphIR
import TensorCore

/// Which activations are stored as bytes, and how.
///
/// Layers read bytes, and give bytes. What lies between two of them (sums, pools, reshapes) then does so, too, and
/// the runtime has integer kernels for most of it.
struct QuantizedValues {
  private var parameters: [ValueID: ByteParameters] = [:]
  private let model: Model

  init(of layers: [QuantizableLayer], _ statistics: ActivationStatistics, in model: Model) {
    self.model = model
    for layer in layers where !layer.isResultFloating {
      parameters[layer.result] = statistics[layer.result].parameters
    }
    // In order, so that what was moved has the parameters of what it was moved from.
    for input in layers.map(\.input).sorted() where parameters[input] == nil {
      parameters[input] = source(of: input).flatMap { parameters[$0] } ?? statistics[input].parameters
    }
  }

  /// Of a layer's input or result.
  func parameters(of value: ValueID) -> ByteParameters {
    parameters[value] ?? ByteParameters(scale: 1, zeroPoint: 0)
  }

  /// What `value` is a rearrangement of, or a choice from.
  private func source(of value: ValueID) -> ValueID? {
    var value = value
    for _ in 0..<8 {
      guard let node = model.producer(of: value), model.operatorName(of: node).isStandard,
        Self.movers.contains(model.operatorName(of: node).name), let input = model.input(0, of: node)
      else { return nil }
      if parameters[input] != nil { return input }
      value = input
    }
    return nil
  }

  private static let movers: Set<String> = [
    "Flatten", "MaxPool", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze",
  ]

  /// Puts `QuantizeLinear` and `DequantizeLinear` behind each value, and lets its readers read what comes out.
  func insert(with rewriter: inout Rewriter) throws {
    for (value, parameters) in parameters.sorted(by: { $0.key < $1.key }) {
      try insert(parameters, behind: value, with: &rewriter)
    }
  }

  private func insert(_ parameters: ByteParameters, behind value: ValueID, with rewriter: inout Rewriter)
    throws
  {
    let graph = rewriter.model.mainGraph
    let readers = rewriter.model.uses(of: value).filter { !rewriter.model.isTerminator($0.user) }
    let next = rewriter.model.producer(of: value).map { rewriter.model.node(after: $0) }
    guard !readers.isEmpty, let successor = next ?? rewriter.model.nodes(of: graph).first else { return }
    let type = rewriter.model.type(of: value)?.tensorType
    let scale = rewriter.addConstant(try Tensor(float32: [parameters.scale], []), in: graph)
    let zero = rewriter.addConstant(try Tensor(.uint8, elements: [parameters.zeroPoint], []), in: graph)
    let quantize = rewriter.insert(
      OperatorName("QuantizeLinear"), inputs: [value, scale, zero],
      outputs: [type.map { .tensor(TensorType(.uint8, $0.shape)) }], before: successor)
    let bytes = rewriter.model.outputs(of: quantize)[0]
    let dequantize = rewriter.insert(
      OperatorName("DequantizeLinear"), inputs: [bytes, scale, zero], outputs: [type.map { .tensor($0) }],
      before: successor)
    for reader in readers { rewriter.set(reader.operand, to: rewriter.model.outputs(of: dequantize)[0]) }
  }
}
