import GraphIR
import LinearAlgebra
import Rewriting
import TensorCore

extension ChannelLayer {
  /// A layer whose weights are to be rounded. Only a bias of its own counts as one: what rounding does to the mean
  /// result goes into it.
  ///
  /// Nil for convolutions in groups, and for weights that are not finite or have too many columns.
  init?(_ layer: QuantizableLayer, in model: Model) {
    let isOutputMajor = layer.axis == 0
    let sizes = layer.weights.dimensions
    let view = model.view(of: layer.node)
    let isConvolution = view.op.name == "Conv"
    guard !isConvolution || (try? view.int("group")) == 1, let values = try? layer.weights.doubles(),
      let first = sizes.first
    else { return nil }
    let stored = Matrix(rows: first, columns: values.count / first, values)
    weights = isOutputMajor ? stored : stored.transposed
    guard weights.isFinite, weights.columns <= Self.mostColumns else { return nil }
    taps = sizes.dropFirst(2).reduce(1, *)
    if isConvolution {
      guard let window = ChannelWindow(view, kernel: Array(sizes.dropFirst(2))) else { return nil }
      self.window = window
    } else {
      window = nil
    }
    (node, input, elementType, isInputMajor) = (layer.node, layer.input, .float32, !isOutputMajor)
    channels = Array(0..<Int32(clamping: weights.columns / max(taps, 1)))
    (place, rows) = (ParameterPlace(node: layer.node, index: 1), nil)
    let outputs = Array(0..<Int32(clamping: weights.rows))
    bias = view.op.name == "MatMul" ? nil : Bias(ParameterPlace(node: layer.node, index: 2), of: outputs)
    (sum, states, sampleAxis) = (nil, nil, 0)
  }
}
