import GraphIR

/// Operators that a reader thinks of together; each family has a colour of its own.
public enum OperatorFamily: Int, Hashable, Sendable, CaseIterable {
  case linearAlgebra
  case normalization
  case activation
  case elementwise
  case shape
  case reduction
  case controlFlow
  case quantization
  case traditionalML
  case other

  public var label: String {
    switch self {
    case .linearAlgebra: "convolution, linear algebra"
    case .normalization: "normalization"
    case .activation: "activation"
    case .elementwise: "element-wise"
    case .shape: "shape, layout"
    case .reduction: "pooling, reduction"
    case .controlFlow: "control flow"
    case .quantization: "quantization"
    case .traditionalML: "trees, classic ML"
    case .other: "other"
    }
  }

  public init(_ op: OperatorName) {
    if op.domain == "ai.onnx.ml" {
      self = .traditionalML
    } else {
      self = Self.byName[op.name] ?? .other
    }
  }

  private static let byName: [String: OperatorFamily] = {
    var table: [String: OperatorFamily] = [:]
    for (family, names) in members {
      for name in names.split(separator: " ") { table[String(name)] = family }
    }
    return table
  }()

  /// Operators of the standard and the usual ones of runtimes, whatever their domain.
  private static let members: [(family: OperatorFamily, names: String)] = [
    (
      .linearAlgebra,
      """
      Conv ConvTranspose DeformConv FusedConv Gemm FusedGemm MatMul FusedMatMul Einsum Attention \
      MultiHeadAttention GroupQueryAttention RotaryEmbedding LSTM GRU RNN Det CausalConvWithState DFT STFT \
      LinearAttention
      """
    ),
    (
      .normalization,
      """
      BatchNormalization InstanceNormalization LayerNormalization GroupNormalization RMSNormalization \
      SimplifiedLayerNormalization SkipLayerNormalization LRN LpNormalization MeanVarianceNormalization
      """
    ),
    (
      .activation,
      """
      Relu LeakyRelu PRelu Elu Selu Celu Gelu FastGelu BiasGelu QuickGelu Sigmoid HardSigmoid HardSwish Swish \
      Softmax LogSoftmax Hardmax Softplus Softsign ThresholdedRelu Tanh Mish Clip Shrink Dropout
      """
    ),
    (
      .elementwise,
      """
      Add Sub Mul Div Pow Mod Neg Abs Exp Log Sqrt Reciprocal Floor Ceil Round Sign Erf Sin Cos Tan Asin Acos \
      Atan Sinh Cosh Asinh Acosh Atanh Max Min Mean Sum And Or Xor Not Equal Greater GreaterOrEqual Less \
      LessOrEqual Where IsNaN IsInf BitShift BitwiseAnd BitwiseOr BitwiseXor BitwiseNot
      """
    ),
    (
      .shape,
      """
      Reshape Transpose Squeeze Unsqueeze Flatten Concat Split Slice Gather GatherElements GatherND Scatter \
      ScatterElements ScatterND TensorScatter Expand Tile Pad Shape Size Identity Cast CastLike BitCast \
      DepthToSpace SpaceToDepth Resize Upsample Range Constant ConstantOfShape OneHot Compress NonZero EyeLike \
      Trilu ReverseSequence CenterCropPad Col2Im GridSample AffineGrid Unique
      """
    ),
    (
      .reduction,
      """
      MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool MaxUnpool MaxRoiPool RoiAlign \
      ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp \
      ReduceSumSquare ArgMax ArgMin TopK CumSum CumProd NonMaxSuppression
      """
    ),
    (
      .controlFlow,
      """
      If Loop Scan SequenceMap SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert \
      SequenceLength SplitToSequence ConcatFromSequence Optional OptionalGetElement OptionalHasElement
      """
    ),
    (
      .quantization,
      """
      QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearConv QLinearMatMul ConvInteger MatMulInteger \
      MatMulNBits QLinearAdd QLinearMul QGemm
      """
    ),
  ]
}
