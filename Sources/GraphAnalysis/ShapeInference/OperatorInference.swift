import GraphIR
import TensorCore

/// The inference functions of all operators, by domain and name.
enum OperatorInference {
  static let registry: [String: [String: InferenceFunction]] = [
    "": standard,
    "ai.onnx.ml": merged([TreeInference.operators, TabularInference.operators]),
    "ai.onnx.preview": ["FlexAttention": AttentionInference.flexible],
    "ai.onnx.preview.training": TrainingInference.operators,
    "com.microsoft": merged([
      ContribElementwiseInference.operators, ContribProductInference.operators,
      ContribWindowInference.operators, ContribAttentionInference.operators,
      ContribTensorInference.operators,
    ]),
  ]

  private static let standard = merged([
    ElementwiseInference.operators, WindowInference.operators, NormalizationInference.operators,
    ProductInference.operators, ReshapingInference.operators, AxisInference.operators,
    JoiningInference.operators, IndexingInference.operators, ResizingInference.operators,
    GeneratorInference.operators, ReductionInference.operators, RecurrentInference.operators,
    QuantizationInference.operators, AttentionInference.operators, SequenceInference.operators,
    SignalInference.operators, VisionInference.operators, TextInference.operators,
    LossInference.operators, LinearAttentionInference.operators,
  ])

  private static func merged(_ families: [[String: InferenceFunction]]) -> [String: InferenceFunction] {
    families.reduce(into: [:]) { all, family in
      all.merge(family) { _, second in
        assertionFailure("an operator stands in two families")
        return second
      }
    }
  }

  /// Exactly `context.outputCount` types.
  static func outputTypes(_ context: InferenceContext) -> [ValueType?] {
    let inferred = registry[context.op.domain]?[context.op.name]?(context) ?? []
    return (0..<max(context.outputCount, 0)).map { $0 < inferred.count ? inferred[$0]?.withinLimits : nil }
  }
}

extension ValueType {
  /// This type without sizes that no tensor has.
  fileprivate var withinLimits: ValueType {
    guard case .tensor(let type) = self, let shape = type.shape else { return self }
    guard shape.rank <= InferenceLimits.maximumRank else { return .tensor(type.elementType, nil) }
    guard shape.dimensions.contains(where: { $0.validated != $0 }) else { return self }
    return .tensor(type.elementType, Shape(shape.dimensions.map(\.validated)))
  }
}
