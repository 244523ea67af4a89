import GraphIR
import Kernels
import Rewriting
import TensorCore

extension LinearWeights {
  /// Channels of the input.
  var inputCount: Int { isOutputMajor ? groups * tensor.dimensions[1] : tensor.dimensions[0] }

  /// The weights whose output is the old one for an input that is, channel by channel, multiplied by its factor.
  func scaledInputs(by factors: RealTensor) throws -> Tensor {
    let (first, second) = (tensor.dimensions[0], tensor.dimensions[1])
    let kernel = try Tensor.elementCount(of: Array(tensor.dimensions.dropFirst(2)))
    let layout =
      isOutputMajor
      ? AxisLayout(groups: groups, outer: first / groups, perGroup: second, inner: kernel)
      : AxisLayout(outer: 1, perGroup: first, inner: second * kernel)
    return try tensor.scaled(along: layout, by: factors.values)
  }

  /// The output for an input that is everywhere, channel by channel, this number, where nothing is padded:
  /// [output channels], summed in Double.
  func response(to input: RealTensor) throws -> RealTensor {
    guard input.values.count == inputCount else {
      throw MatchFailure("\(input.values.count) numbers do not fit \(inputCount) channels")
    }
    let weights = try tensor.doubles()
    let (first, second) = (tensor.dimensions[0], tensor.dimensions[1])
    let kernel = try Tensor.elementCount(of: Array(tensor.dimensions.dropFirst(2)))
    var sums = [Double](repeating: 0, count: channelCount)
    for index in weights.indices {
      let major = index / (second * kernel)
      let minor = major / (first / groups) * second + index / kernel % second
      sums[isOutputMajor ? major : minor] += weights[index] * input.values[isOutputMajor ? minor : major]
    }
    return try RealTensor(tensor.elementType, [channelCount], sums)
  }
}

extension Match {
  /// Refuses where other nodes read the weights as well, which would be stored twice, and where a copy of them takes
  /// memory that the model has too much of already.
  func requireOwnWeights(of node: Capture) throws {
    let inputs = try self[node].inputs
    let weights = try unwrap(inputs.count > 1 ? inputs[1] : nil, "there are no weights")
    try require(model.hasOneUse(weights), "others read the weights, which would be stored twice")
    let size = model.denseTensor(of: weights)?.byteCount ?? 0
    try require(
      size <= Model.alwaysCopiedWeight || !model.hasHugeWeights, "the weights are large, and so are others")
  }

  /// What an element-wise operator combines with each channel of the input or the output of a linear operator: along
  /// the second axis for convolutions, along the last one for products of matrices.
  /// - Parameter shape: of that input or output.
  /// - Throws: `MatchFailure` where `constant` differs within a channel, or makes the value larger.
  func perChannel(_ constant: Constant, of shape: Shape, channels: Int, _ node: Capture) throws -> RealTensor
  {
    let axis = try self[node].op.name.hasPrefix("Conv") ? 1 : shape.rank - 1
    try require(shape.dimensions.indices.contains(axis), "there are no channels")
    let numbers = try perChannel(constant, rank: shape.rank, axis: axis, channels: channels)
    // Many channels of the constant would make one channel of the value as many.
    try require(
      self[constant].elementCount == 1 || shape[axis] == .fixed(channels),
      "\(constant.name) makes the value larger")
    return numbers
  }
}
