import GraphIR
import TensorCore

/// Means and deviations of channels, by layer.
struct ChannelStatistics {
  var means: [Double]
  var deviations: [Double]
}

/// A model that also gives the statistics of its layers, and may give each layer's output those of another model
/// before the next layer reads it. Then the statistics of a layer are those after all layers before it are mended,
/// as in a pass of training-mode batch normalization.
struct StatisticsProbe {
  let layers: [StatisticsLayer]
  /// What each layer's output is normalized to; nil to leave it.
  var targets: [NodeID: ChannelStatistics]?

  /// Its outputs are, for each layer, the mean over positions and the mean square distance from the batch's mean:
  /// [samples, channels, 1, …] each.
  func instrumented(_ model: Model) throws -> Model {
    var model = model
    let outputs = try model.edit(as: "observe statistics") { rewriter in
      try layers.flatMap { try observe($0, in: &rewriter) }
    }
    return try model.extracting(
      outputs.enumerated().map { (name: "workbench_statistic_\($0.offset)", value: $0.element) })
  }

  private func observe(_ layer: StatisticsLayer, in rewriter: inout Rewriter) throws -> [ValueID] {
    let readers = rewriter.model.uses(of: layer.output)
    let nodes = NodeChain(after: layer, rewriter.model)
    let spatial = Array(2..<layer.rank)
    let sampleMeans = try nodes.mean(layer.output, over: spatial, in: &rewriter)
    let mean = try nodes.mean(sampleMeans, over: [0], in: &rewriter)
    let distance = nodes.value("Sub", [layer.output, mean], in: &rewriter)
    let square = nodes.value("Mul", [distance, distance], in: &rewriter)
    let sampleSquares = try nodes.mean(square, over: spatial, in: &rewriter)
    if let target = targets?[layer.node] {
      let variance = try nodes.mean(sampleSquares, over: [0], in: &rewriter)
      let normalized = try nodes.normalized(distance, variance, to: target, of: layer, in: &rewriter)
      for use in readers { rewriter.set(use.operand, to: normalized) }
    }
    return [sampleMeans, sampleSquares]
  }

  /// Of each layer, from the outputs of its model.
  func statistics(_ outputs: [Tensor]) throws -> [ChannelStatistics] {
    guard outputs.count == 2 * layers.count else { throw ModelError("statistics of layers are missing") }
    return try layers.enumerated().map { index, layer in
      let squares = try outputs[2 * index + 1].channelMeans(layer.channels)
      return ChannelStatistics(
        means: try outputs[2 * index].channelMeans(layer.channels),
        deviations: squares.map { max($0, 0).squareRoot() })
    }
  }
}

/// New nodes behind a layer.
private struct NodeChain {
  private let successor: NodeID
  private let takesAxesAsInput: Bool
  private let graph: GraphID

  init(after layer: StatisticsLayer, _ model: Model) {
    successor = layer.successor
    graph = model.mainGraph
    takesAxesAsInput = (model.opset("", in: graph) ?? 0) >= 18
  }

  func value(_ op: String, _ inputs: [ValueID?], attributes: [Attribute] = [], in rewriter: inout Rewriter)
    -> ValueID
  {
    let node = rewriter.insert(
      OperatorName(op), inputs: inputs, outputs: [nil], attributes: attributes, before: successor)
    return rewriter.model.outputs(of: node)[0]
  }

  func constant(_ values: [Double], _ sizes: [Int], in rewriter: inout Rewriter) throws -> ValueID {
    rewriter.addConstant(try Tensor(.float32, rounding: values, sizes), in: graph)
  }

  /// - Parameters:
  ///   - distance: from the mean.
  ///   - variance: [1, channels, 1, …].
  func normalized(
    _ distance: ValueID, _ variance: ValueID, to target: ChannelStatistics, of layer: StatisticsLayer,
    in rewriter: inout Rewriter
  ) throws -> ValueID {
    let sizes = [layer.channels] + [Int](repeating: 1, count: layer.rank - 2)
    let floor = try constant([1e-10], [], in: &rewriter)
    let deviation = value("Sqrt", [value("Add", [variance, floor], in: &rewriter)], in: &rewriter)
    let wanted = try constant(target.deviations, sizes, in: &rewriter)
    let factor = value("Div", [wanted, deviation], in: &rewriter)
    let scaled = value("Mul", [distance, factor], in: &rewriter)
    let mean = try constant(target.means, sizes, in: &rewriter)
    let normalized = value("Add", [scaled, mean], in: &rewriter)
    rewriter.setType(of: normalized, to: rewriter.model.type(of: layer.output))
    return normalized
  }

  /// Axes are kept, with size 1.
  func mean(_ value: ValueID, over axes: [Int], in rewriter: inout Rewriter) throws -> ValueID {
    let axes = axes.map(Int64.init)
    guard takesAxesAsInput else {
      return self.value("ReduceMean", [value], attributes: [Attribute("axes", .ints(axes))], in: &rewriter)
    }
    let input = rewriter.addConstant(try Tensor(int64: axes.map(Int.init)), in: graph)
    return self.value("ReduceMean", [value, input], in: &rewriter)
  }
}

extension Tensor {
  /// Of [samples, channels, …1].
  fileprivate func channelMeans(_ channels: Int) throws -> [Double] {
    let values = try doubles()
    guard channels > 0, values.count % channels == 0, !values.isEmpty else {
      throw ModelError("statistics of \(type) do not fit \(channels) channels")
    }
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in values.enumerated() { sums[index % channels] += value }
    return sums.map { $0 / Double(values.count / channels) }
  }
}
