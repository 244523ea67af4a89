import GraphIR
import TensorCore

/// ONNX Runtime's convolutions and pools: fused with activations, quantized, or with channels as the last axis.
enum ContribWindowInference {
  static let operators: [String: InferenceFunction] = [
    "FusedConv": convolution, "NhwcConv": channelsLast(convolution),
    "NhwcFusedConv": channelsLast(convolution),
    "QLinearConv": ifChannelsLast { WindowInference.convolution($0, weight: 3, $0.elementType(7)) },
    "NhwcMaxPool": channelsLast(WindowInference.pool), "MaxpoolWithMask": WindowInference.pool,
    "QLinearAveragePool": ifChannelsLast(WindowInference.pool),
    "QLinearGlobalAveragePool": ifChannelsLast(WindowInference.globalPool),
  ]

  @Sendable private static func convolution(_ node: InferenceContext) -> [ValueType?] {
    WindowInference.convolution(node, weight: 1, node.elementType(0))
  }

  /// `rule` for [N, C, spatial…], applied to [N, spatial…, C].
  private static func channelsLast(_ rule: @escaping InferenceFunction) -> InferenceFunction {
    { node in
      guard let shape = node.shape(0), shape.rank >= 2, let input = node.input(0) else {
        return rule(node).map { $0.map { $0.withoutShape } }
      }
      var sizes = shape.dimensions
      sizes.insert(sizes.removeLast(), at: 1)
      let type = node.tensor(node.elementType(0), Shape(sizes))
      let first = InferenceInput(type: type, constant: input.constant)
      return rule(node.replacingInputs([first] + node.inputs.dropFirst())).map { $0.map(\.channelsMovedLast) }
    }
  }

  private static func ifChannelsLast(_ rule: @escaping InferenceFunction) -> InferenceFunction {
    let moved = channelsLast(rule)
    return { node in node.flag("channels_last") ? moved(node) : rule(node) }
  }
}

extension ValueType {
  fileprivate var channelsMovedLast: ValueType {
    guard case .tensor(let type) = self, var sizes = type.shape?.dimensions, sizes.count >= 2 else {
      return self
    }
    sizes.append(sizes.remove(at: 1))
    return .tensor(type.elementType, Shape(sizes))
  }

  fileprivate var withoutShape: ValueType {
    guard case .tensor(let type) = self else { return self }
    return .tensor(type.elementType, nil)
  }
}

extension InferenceContext {
  func replacingInputs(_ inputs: [InferenceInput?]) -> InferenceContext {
    InferenceContext(op: op, opset: opset, attributes: attributes, inputs: inputs, outputCount: outputCount)
  }
}
