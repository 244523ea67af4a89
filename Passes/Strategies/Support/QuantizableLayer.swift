import GraphIR
import Kernels
import Rewriting
import TensorCore

/// A convolution or a product of matrices whose weights are constant.
struct QuantizableLayer: Sendable {
  let node: NodeID
  let input: ValueID
  /// In single precision.
  let weights: Tensor
  /// The axis of the weights along which channels of the result lie.
  let axis: Int
  let bias: Tensor?
  /// The layer's output, or that of an activation behind it that integer kernels apply by saturating.
  let result: ValueID
  /// Whether the kernel gives floating point, so that what reads it need not be quantized.
  let isResultFloating: Bool

  /// Nil for other nodes, and for layers that the runtime has no integer kernel for.
  init?(_ node: NodeID, in model: Model) {
    let op = model.operatorName(of: node)
    guard op.isStandard, let input = model.input(0, of: node), model.constant(input) == nil,
      let weightValue = model.input(1, of: node), let weights = model.constant(weightValue),
      weights.elementType == .float32, weights.elementCount > 0,
      model.type(of: input)?.tensorType?.elementType == .float32, let output = model.output(0, of: node),
      let axis = Self.axis(of: node, op.name, weights, in: model)
    else { return nil }
    let channels = weights.dimensions[axis]
    if let value = model.input(2, of: node) {
      guard let bias = model.constant(value), bias.elementType == .float32, bias.elementCount == channels
      else { return nil }
      self.bias = bias
    } else {
      bias = nil
    }
    self.node = node
    self.input = input
    self.weights = weights
    self.axis = axis
    isResultFloating = op.name == "MatMul"
    result = isResultFloating ? output : Self.saturated(output, in: model)
  }

  private static func axis(of node: NodeID, _ name: String, _ weights: Tensor, in model: Model) -> Int? {
    func number(_ attribute: String) -> Int { model.attribute(attribute, of: node)?.int.map { Int($0) } ?? 0 }
    switch name {
    case "Conv": return weights.rank >= 3 ? 0 : nil
    case "MatMul": return weights.rank == 2 ? 1 : nil
    case "Gemm":
      let isPlain =
        (model.attribute("alpha", of: node)?.float ?? 1) == 1
        && (model.attribute("beta", of: node)?.float ?? 1) == 1
      guard weights.rank == 2, isPlain, number("transA") == 0 else { return nil }
      return number("transB") != 0 ? 0 : 1
    default: return nil
    }
  }

  /// Behind a `Relu`, or a `Clip` from 0, that nothing comes between.
  private static func saturated(_ output: ValueID, in model: Model) -> ValueID {
    guard model.hasOneUse(output), let reader = model.users(of: output).first,
      model.operatorName(of: reader).isStandard, let result = model.output(0, of: reader)
    else { return output }
    switch model.operatorName(of: reader).name {
    case "Relu": return result
    case "Clip":
      let least = model.input(1, of: reader).flatMap { model.constant($0)?.scalarValue }
      return least == 0 && model.input(0, of: reader) == output ? result : output
    default: return output
    }
  }

  var channels: Int { weights.dimensions[axis] }

  var hasFiniteWeights: Bool { (try? weights.doubles()).map(areFinite) ?? false }

  /// Elements of one channel that lie together.
  private var inner: Int { weights.dimensions.dropFirst(axis + 1).reduce(1, *) }

  /// One for each channel of the result.
  /// - Parameter inputScale: of the activations that come in, where the bias has to fit into 32 bits with them.
  func scales(inputScale: Float? = nil) throws -> [Float] {
    let largest = try weights.elements(as: Float.self)
      .withUnsafeBufferPointer { channelMagnitudes($0, channels: channels, inner: inner) }
    let bias = try bias?.elements(as: Float.self) ?? [Float](repeating: 0, count: channels)
    return zip(largest, bias).map { magnitude, bias in
      let forBias = inputScale.map { abs(bias) / ($0 * Float(1 << 30)) } ?? 0
      let scale = max(magnitude / 127, forBias)
      return scale.isNormal ? scale : 1
    }
  }

  func quantized(_ scales: [Float]) throws -> [Int8] {
    try weights.elements(as: Float.self)
      .withUnsafeBufferPointer { quantizedToSignedBytes($0, inner: inner, scales: scales) }
  }
}

extension QuantizableLayer {
  /// The squared error of the result, relative to its variance, if every rounding is independent and uniform
  /// (Widrow and Kollár, "Quantization Noise", 2008).
  ///
  /// - Parameters:
  ///   - scales: of the weights, one for each channel.
  ///   - inputStep: between two levels of the input.
  ///   - resultStep: between two levels of the result; 0 where it stays in floating point.
  func predictedError(
    _ statistics: ActivationStatistics, scales: [Float], inputStep: Float, resultStep: Float
  ) throws -> Double {
    let numbers = try weights.doubles()
    let perChannel = Double(numbers.count) / Double(channels)
    let fromInput = inputStep.square / 12 * numbers.reduce(0) { $0 + $1 * $1 } / Double(channels)
    let meanSquareStep = scales.reduce(0) { $0 + $1.square } / Double(channels)
    let fromWeights = meanSquareStep / 12 * perChannel * statistics[input].summary.meanSquare
    let error = fromInput + fromWeights + resultStep.square / 12
    return error / max(statistics[result].summary.variance, 1e-30)
  }

  /// With everything in 8 bits, in ranges that do not change.
  func predictedError(_ statistics: ActivationStatistics) throws -> Double {
    let inputScale = statistics[input].parameters.scale
    return try predictedError(
      statistics, scales: scales(inputScale: inputScale), inputStep: inputScale,
      resultStep: isResultFloating ? 0 : statistics[result].parameters.scale)
  }

  /// Lets the layer read its weights and bias through `DequantizeLinear`.
  /// - Parameter levelled: the weights, rounded for what the layer gives; nil to round each to its nearest level.
  func quantizeParameters(
    _ plan: QuantizedValues, _ statistics: ActivationStatistics, _ levelled: LevelledWeights?,
    with rewriter: inout Rewriter
  ) throws {
    let inputScale = plan.parameters(of: input).scale
    let (integers, scales) = try rounded(levelled, inputScale: inputScale)
    let weight = try dequantized(
      Tensor(.int8, elements: integers, weights.dimensions), scales,
      Tensor(.int8, elements: [Int8](repeating: 0, count: channels)),
      axis: axis, with: &rewriter)
    var inputs = rewriter.model.inputs(of: node)
    inputs[1] = weight
    if !isResultFloating {
      let corrected = try correctedBias(integers, scales, statistics)
      let biasScales = scales.map { $0 * inputScale }
      let levels = zip(corrected, biasScales).map { Int32(clamping: Int64(exactlyRounding: $0 / Double($1))) }
      let bias = try dequantized(
        Tensor(.int32, elements: levels, [channels]), biasScales, nil, axis: 0, with: &rewriter)
      inputs = Array(inputs.prefix(2)) + [bias]
    }
    rewriter.setInputs(of: node, to: inputs)
  }

  /// As the weights lie in the model, with a scale for each channel that the bias fits into 32 bits with.
  private func rounded(_ levelled: LevelledWeights?, inputScale: Float) throws -> ([Int8], [Float]) {
    let bias = try bias?.elements(as: Float.self) ?? []
    if let levelled, levelled.grid.scales.count == channels,
      zip(bias, levelled.grid.scales).allSatisfy({ abs($0) <= $1 * inputScale * Float(1 << 30) })
    {
      return (levelled.arranged(like: self), levelled.grid.scales)
    }
    let scales = try scales(inputScale: inputScale)
    return try (quantized(scales), scales)
  }

  private func dequantized(
    _ integers: Tensor, _ scales: [Float], _ zeros: Tensor?, axis: Int, with rewriter: inout Rewriter
  ) throws -> ValueID {
    let graph = rewriter.model.graph(of: node)
    let constants = try [integers, Tensor(float32: scales)] + (zeros.map { [$0] } ?? [])
    let inputs = constants.map { rewriter.addConstant($0, in: graph) }
    let inserted = rewriter.insert(
      OperatorName("DequantizeLinear"), inputs: inputs,
      outputs: [.tensor(.float32, Shape(fixed: integers.dimensions))],
      attributes: [Attribute("axis", .int(Int64(axis)))], before: node)
    return rewriter.model.outputs(of: inserted)[0]
  }

  /// Minus what the rounded weights add to the mean result.
  private func correctedBias(
    _ integers: [Int8], _ scales: [Float], _ statistics: ActivationStatistics
  ) throws -> [Double] {
    var result = try bias?.doubles() ?? [Double](repeating: 0, count: channels)
    let means = statistics[input].channelMeans
    guard let taps = WeightTaps(self, inputChannels: means.count) else { return result }
    let exact = try weights.elements(as: Float.self)
    for index in exact.indices {
      let channel = taps.output(index)
      let error = Double(integers[index]) * Double(scales[channel]) - Double(exact[index])
      result[channel] -= error * means[taps.input(index)]
    }
    return result.map { $0.isFinite ? $0 : 0 }
  }
}

/// Which channels of input and result each weight connects.
private struct WeightTaps {
  private let sizes: [Int]
  private let axis: Int
  private let inner: Int
  private let groups: Int

  /// Nil where the activations' channels are not the weights'.
  init?(_ layer: QuantizableLayer, inputChannels: Int) {
    sizes = layer.weights.dimensions
    axis = layer.axis
    inner = sizes.dropFirst(2).reduce(1, *)
    let own = sizes[axis == 0 ? 1 : 0]
    guard own > 0, inputChannels % own == 0, inputChannels > 0 else { return nil }
    groups = inputChannels / own
    guard sizes[axis] % groups == 0 else { return nil }
  }

  func output(_ index: Int) -> Int {
    axis == 0 ? index / (inner * sizes[1]) : index % sizes[1]
  }

  func input(_ index: Int) -> Int {
    guard axis == 0 else { return index / sizes[1] }
    let group = output(index) / (sizes[0] / groups)
    return group * sizes[1] + index / inner % sizes[1]
  }
}

extension Float {
  fileprivate var square: Double { Double(self) * Double(self) }
}

extension Int64 {
  /// To the nearest; what is no number, or beyond 62 bits, becomes 0 or the limit.
  fileprivate init(exactlyRounding value: Double) {
    let limit = Double(1 << 62)
    self = value.isNaN ? 0 : Int64(Swift.min(Swift.max(value.rounded(), -limit), limit))
  }
}
