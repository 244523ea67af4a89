import GraphIR
import Rewriting
import TensorCore

extension ChannelFlow {
  /// Layers with weights, and what works on each channel with constants of its own.
  static let layerRules: [String: Rule] = [
    "Conv": { try $0.visitConvolution($1) },
    "ConvTranspose": { try $0.visitTransposedConvolution($1) },
    "Gemm": { try $0.visitGemm($1) },
    "MatMul": { $0.visitProduct($1) },
    "BatchNormalization": { try $0.visitBatchNormalization($1) },
    "InstanceNormalization": { flow, node in
      guard let axis = flow.axis(0, of: node) else { return true }
      return axis.axis == 1 && flow.slice(1, of: node, axis: 0, axis.channels)
        && flow.slice(2, of: node, axis: 0, axis.channels) && flow.pass(axis, to: node)
    },
  ]

  /// Weights that no other node reads, and how many of their axes there have to be.
  private func weights(_ index: Int, of node: NodeID) -> Tensor? {
    guard let value = model.input(index, of: node), model.hasOneUse(value),
      let tensor = model.constant(value), tensor.elementType.isFloatingPoint, tensor.elementCount > 0
    else { return nil }
    return tensor
  }

  /// New channels for the output of a layer.
  /// - Parameter axis: of the output; and of weights and bias, for each, the axis of the output's channels.
  private mutating func produce(
    _ count: Int, from node: NodeID, axis: Int, weights: (index: Int, axis: Int),
    bias: (index: Int, axis: Int)?
  ) -> [Int32]? {
    guard let channels = classes.add(count) else { return nil }
    let slicesWeights = slice(weights.index, of: node, axis: weights.axis, channels)
    let slicesBias = bias.map { slice($0.index, of: node, axis: $0.axis, channels) } ?? true
    guard slicesWeights, slicesBias,
      follow(model.output(0, of: node), ChannelAxis(axis: axis, channels: channels))
    else {
      for channel in channels { classes.pin(channel) }
      return channels
    }
    products.append(ChannelProduct(node: node, channels: channels))
    return channels
  }

  /// The layer fits its weights to the channels that stay; their axis `weightAxis` goes with them.
  private mutating func consume(_ node: NodeID, weightAxis: Int, output: [Int32]) -> Bool {
    guard let input = model.input(0, of: node), let axis = axes[input] else { return true }
    consumers.append(ChannelConsumer(node: node, input: input, axis: axis, output: output))
    return slice(1, of: node, axis: weightAxis, axis.channels)
  }

  private func biasPlace(_ node: NodeID) -> (index: Int, axis: Int)? {
    model.input(2, of: node) == nil ? nil : (index: 2, axis: 0)
  }

  // MARK: Convolutions

  private mutating func visitConvolution(_ node: NodeID) throws -> Bool {
    guard let weights = weights(1, of: node), weights.rank >= 3 else { return false }
    let groups = try model.view(of: node).int("group")
    let input = axis(0, of: node)
    if let input, input.axis != 1 { return false }
    guard groups != 1 else {
      guard
        let output = produce(
          weights.dimensions[0], from: node, axis: 1, weights: (index: 1, axis: 0), bias: biasPlace(node))
      else { return false }
      return consume(node, weightAxis: 1, output: output)
    }
    guard let input else { return true }
    return visitGroupedConvolution(node, groups: groups, weights: weights, input)
  }

  /// Groups of channels stay or go as a whole.
  private mutating func visitGroupedConvolution(
    _ node: NodeID, groups: Int, weights: Tensor, _ input: ChannelAxis
  ) -> Bool {
    let (outputs, inputs) = (weights.dimensions[0], input.channels.count)
    guard groups > 1, outputs % groups == 0, inputs % groups == 0, weights.dimensions[1] == inputs / groups
    else { return false }
    let (outputsOfGroup, inputsOfGroup) = (outputs / groups, inputs / groups)
    var channels: [Int32] = []
    for group in 0..<groups {
      let first = input.channels[group * inputsOfGroup]
      for offset in 1..<max(inputsOfGroup, 1) {
        classes.unite(first, input.channels[group * inputsOfGroup + offset])
      }
      channels += [Int32](repeating: first, count: outputsOfGroup)
    }
    guard slice(1, of: node, axis: 0, channels),
      biasPlace(node).map({ slice($0.index, of: node, axis: 0, channels) }) ?? true
    else { return false }
    attributes.append(
      ChannelAttribute(node: node, kind: .group(channelsOfGroup: outputsOfGroup), channels: channels))
    return pass(ChannelAxis(axis: 1, channels: channels), to: node)
  }

  /// Makes channels; its own input stays as it is.
  private mutating func visitTransposedConvolution(_ node: NodeID) throws -> Bool {
    guard let weights = weights(1, of: node), weights.rank >= 3, try model.view(of: node).int("group") == 1
    else { return false }
    pinInputs(of: node)
    return produce(
      weights.dimensions[1], from: node, axis: 1, weights: (index: 1, axis: 1), bias: biasPlace(node)) != nil
  }

  // MARK: Products

  private mutating func visitGemm(_ node: NodeID) throws -> Bool {
    let view = model.view(of: node)
    guard let weights = weights(1, of: node), weights.rank == 2, try view.int("transA") == 0 else {
      return false
    }
    let outputAxis = try view.int("transB") != 0 ? 0 : 1
    let count = weights.dimensions[outputAxis]
    guard axis(0, of: node).map({ $0.axis == 1 }) ?? true,
      model.input(2, of: node).map({ model.constant($0) != nil }) ?? true
    else { return false }
    guard
      let output = produce(
        count, from: node, axis: 1, weights: (index: 1, axis: outputAxis), bias: gemmBias(node, count))
    else { return false }
    return consume(node, weightAxis: 1 - outputAxis, output: output)
  }

  /// Nil where there is none, or one number for all channels.
  private func gemmBias(_ node: NodeID, _ count: Int) -> (index: Int, axis: Int)? {
    guard let tensor = model.input(2, of: node).flatMap({ model.constant($0) }), count > 1,
      tensor.dimensions.last == count
    else { return nil }
    return (index: 2, axis: tensor.rank - 1)
  }

  private mutating func visitProduct(_ node: NodeID) -> Bool {
    guard let weights = weights(1, of: node), weights.rank == 2 else { return visitBatchedProduct(node) }
    guard let rank = model.input(0, of: node).flatMap({ model.shape(of: $0) })?.rank, rank >= 2 else {
      return false
    }
    if let input = axis(0, of: node), input.axis != rank - 1 { pinInputs(of: node) }
    guard
      let output = produce(
        weights.dimensions[1], from: node, axis: rank - 1, weights: (index: 1, axis: 1), bias: nil)
    else { return false }
    guard let input = axis(0, of: node), input.axis == rank - 1 else { return true }
    return consume(node, weightAxis: 0, output: output)
  }

  /// Matrices for each channel, such as attention's heads.
  private mutating func visitBatchedProduct(_ node: NodeID) -> Bool {
    guard let a = model.input(0, of: node), let b = model.input(1, of: node) else { return false }
    guard axes[a] != nil || axes[b] != nil else { return true }
    guard let ranks = ranks(of: [a, b]), ranks.allSatisfy({ $0 >= 2 }), let output = model.output(0, of: node)
    else { return false }
    let rank = max(ranks[0], ranks[1])
    guard let joined = joinBroadcast([a, b], rank: rank), joined.axis < rank - 2,
      !zip([a, b], ranks).contains(where: { value, own in
        axes[value] == nil && model.constant(value) != nil && joined.axis >= rank - own
      })
    else { return false }
    return follow(output, joined)
  }

  private mutating func visitBatchNormalization(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    let isTraining = try model.view(of: node).optionalInt("training_mode") ?? 0 != 0
    guard axis.axis == 1, !isTraining else { return false }
    for index in 1...4 { guard slice(index, of: node, axis: 0, axis.channels) else { return false } }
    return pass(axis, to: node)
  }
}
