import GraphAnalysis
import GraphIR
import Kernels
import Rewriting
import TensorCore

/// A layer whose channels can be scaled and shifted without another node: a convolution or a batch normalization with
/// parameters of its own.
struct StatisticsLayer {
  let node: NodeID
  /// [samples, channels, …].
  let output: ValueID
  /// The next node.
  let successor: NodeID
  let rank: Int
  let channels: Int
  /// The inputs that are multiplied by the factors; for a convolution [channels, …].
  private let scale: Int
  private let bias: Int

  init?(_ node: NodeID, in model: Model) {
    switch model.operatorName(of: node) {
    case OperatorName("Conv"): (scale, bias) = (1, 2)
    case OperatorName("BatchNormalization"): (scale, bias) = (1, 2)
    default: return nil
    }
    guard let output = model.output(0, of: node), let shape = model.shape(of: output), shape.rank >= 3,
      model.type(of: output)?.tensorType?.elementType == .float32,
      let weights = Self.parameter(scale, of: node, in: model), let channels = weights.dimensions.first,
      channels > 0, let successor = model.node(after: node)
    else { return nil }
    if model.input(bias, of: node) != nil {
      guard Self.parameter(bias, of: node, in: model)?.dimensions == [channels] else { return nil }
    }
    self.node = node
    self.output = output
    self.successor = successor
    self.channels = channels
    rank = shape.rank
  }

  private static func parameter(_ index: Int, of node: NodeID, in model: Model) -> Tensor? {
    guard let value = model.input(index, of: node), let tensor = model.denseTensor(of: value),
      tensor.elementType == .float32
    else { return nil }
    return tensor
  }

  /// Multiplies each channel by its factor and adds its shift.
  func adjust(factors: [Double], shifts: [Double], in rewriter: inout Rewriter) throws {
    let graph = rewriter.model.mainGraph
    guard let weights = Self.parameter(scale, of: node, in: rewriter.model) else { return }
    let layout = AxisLayout(outer: 1, perGroup: channels, inner: weights.elementCount / channels)
    let old =
      try Self.parameter(bias, of: node, in: rewriter.model)?.doubles()
      ?? [Double](repeating: 0, count: channels)
    let new = old.indices.map { old[$0] * factors[$0] + shifts[$0] }
    var inputs = rewriter.model.inputs(of: node)
    while inputs.count <= bias { inputs.append(nil) }
    inputs[scale] = rewriter.addConstant(try weights.scaled(along: layout, by: factors), in: graph)
    inputs[bias] = rewriter.addConstant(try Tensor(.float32, rounding: new, [channels]), in: graph)
    let replaced = rewriter.model.inputs(of: node)
    rewriter.setInputs(of: node, to: inputs)
    for value in [scale, bias].compactMap({ $0 < replaced.count ? replaced[$0] : nil })
    where !rewriter.model.hasUses(value) && !rewriter.model.isGraphInput(value) {
      rewriter.eraseUnused(value)
    }
  }
}
