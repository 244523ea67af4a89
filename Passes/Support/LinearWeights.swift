import Kernels
import Rewriting
import TensorCore

/// The constant weights of an operator that is linear in its input, and where in them the output's channels lie:
///
/// - `Conv`: [M, C / group, …], channels along the first axis;
/// - `ConvTranspose`: [C, M / group, …], channels along the second axis, a part of them for each group;
/// - `Gemm`, `MatMul`: [K, N], channels along the second axis, along the first where `transB` is set.
struct LinearWeights {
  let tensor: Tensor
  /// Groups of channels that do not mix.
  let groups: Int
  /// Whether the first axis is the output's channels and the second the input's, or the other way round.
  let isOutputMajor: Bool
  private let layout: AxisLayout

  /// Channels of the output.
  var channelCount: Int { layout.axisLength }

  /// - Throws: `MatchFailure` for shapes that the operator does not take.
  init(_ tensor: Tensor, of node: NodeView) throws {
    self.tensor = tensor
    let sizes = tensor.dimensions
    let isConvolution = node.op.name.hasPrefix("Conv")
    guard isConvolution ? sizes.count >= 3 : sizes.count == 2 else {
      throw MatchFailure("weights of \(sizes) do not fit \(node.op)")
    }
    let kernel = try Tensor.elementCount(of: Array(sizes.dropFirst(2)))
    groups = isConvolution ? try node.int("group") : 1
    guard groups > 0, sizes[0] % groups == 0, groups <= max(sizes[0], 1) else {
      throw MatchFailure("\(groups) groups do not divide \(sizes)")
    }
    isOutputMajor = try node.op.name == "Gemm" ? node.int("transB") != 0 : node.op.name == "Conv"
    switch node.op.name {
    case "Conv":
      layout = AxisLayout(outer: 1, perGroup: sizes[0], inner: sizes[1] * kernel)
    case "ConvTranspose":
      layout = AxisLayout(groups: groups, outer: sizes[0] / groups, perGroup: sizes[1], inner: kernel)
    case "Gemm" where isOutputMajor:
      layout = AxisLayout(outer: 1, perGroup: sizes[0], inner: sizes[1])
    default:
      layout = AxisLayout(outer: sizes[0], perGroup: sizes[1], inner: 1)
    }
  }

  /// The weights whose output is, channel by channel, the old one times its factor.
  func scaled(by factors: RealTensor) throws -> Tensor {
    try tensor.scaled(along: layout, by: factors.values)
  }
}

extension Match {
  func linearWeights(_ weights: Constant, of node: Capture) throws -> LinearWeights {
    try LinearWeights(self[weights], of: self[node])
  }

  /// The bias of a convolution, zeros where it has none: [channels].
  func bias(_ bias: Constant, of weights: LinearWeights) throws -> RealTensor {
    let channels = [weights.channelCount]
    guard let tensor = self[optional: bias] else {
      return try RealTensor(weights.tensor.elementType, channels, [Double](repeating: 0, count: channels[0]))
    }
    try require(tensor.dimensions == channels, "the bias has shape \(tensor.dimensions)")
    return try tensor.real()
  }

  /// What an element-wise operator combines with each channel of a convolution's output [N, channels, …].
  /// - Throws: `MatchFailure` where `constant` differs within a channel, or makes the output larger.
  func perChannel(_ constant: Constant, of weights: LinearWeights) throws -> RealTensor {
    try perChannel(constant, rank: weights.tensor.rank, axis: 1, channels: weights.channelCount)
  }

  /// What an element-wise operator combines with each of the `channels` along `axis` of a value of `rank` axes.
  /// - Throws: `MatchFailure` where `constant` raises the rank, or differs along other axes.
  func perChannel(_ constant: Constant, rank: Int, axis: Int, channels: Int) throws -> RealTensor {
    let tensor = try self[constant]
    try require(tensor.rank <= rank && axis >= 0, "\(constant.name) raises the rank")
    let sizes = [Int](repeating: 1, count: rank - tensor.rank) + tensor.dimensions
    try require(
      sizes.enumerated().allSatisfy { $1 == 1 || ($0 == axis && $1 == channels) },
      "\(constant.name) is not one number for each channel")
    let values = try tensor.doubles()
    return try RealTensor(
      tensor.elementType, [channels],
      values.count == channels ? values : Array(repeating: values[0], count: channels))
  }

  /// What a `BatchNormalization` in inference mode does to each channel: `factor · x + offset`.
  func affine(
    _ norm: Capture, scale: Constant, beta: Constant, mean: Constant, variance: Constant, channels: Int
  ) throws -> (factor: RealTensor, mean: RealTensor, beta: RealTensor) {
    try requireInference(norm)
    let parameters = try [scale, beta, mean, variance].map { try self[$0].real() }
    try require(
      parameters.allSatisfy { $0.dimensions == [channels] },
      "the statistics are not one number for each channel")
    let factor = try parameters[0] / (parameters[3] + self[norm].float("epsilon")).squareRoot()
    return (factor: factor, mean: parameters[2], beta: parameters[1])
  }

  /// Before version 7 `is_test`, from 7 on the number of outputs, from 14 on `training_mode` tells.
  private func requireInference(_ norm: Capture) throws {
    let node = try self[norm]
    let isTraining: Bool
    switch opset {
    case ..<7: isTraining = try node.optionalInt("is_test") ?? 0 == 0
    case ..<14: isTraining = node.outputs.dropFirst().contains { !model.isOmitted($0) }
    default: isTraining = try node.int("training_mode") != 0
    }
    try require(!isTraining, "statistics come from the batch")
  }
}
