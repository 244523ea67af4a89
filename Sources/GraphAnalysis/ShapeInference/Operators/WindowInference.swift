import GraphIR
import TensorCore

/// Convolutions and pools. Operands are [N, C, spatial…], weights [M, C/group, kernel…].
enum WindowInference {
  static let operators: [String: InferenceFunction] = [
    "Conv": { convolution($0, weight: 1, $0.elementType(0)) },
    "ConvInteger": { convolution($0, weight: 1, .int32) },
    "DeformConv": { convolution($0, weight: 1, $0.elementType(0)) },
    "QLinearConv": { convolution($0, weight: 3, $0.elementType(7)) },
    "ConvTranspose": transposedConvolution,
    "MaxPool": pool, "AveragePool": pool, "LpPool": pool, "MaxUnpool": unpool,
    "GlobalMaxPool": globalPool, "GlobalAveragePool": globalPool, "GlobalLpPool": globalPool,
  ]

  static func convolution(
    _ node: InferenceContext, weight: Int, _ elementType: ElementType?
  ) -> [ValueType?] {
    let weights = node.shape(weight)
    guard let input = node.shape(0) ?? weights.flatMap({ Shape.unknown(rank: $0.rank) }), input.rank >= 2
    else { return node.result(elementType, nil) }
    let kernel = node.kernel(weights: weights, spatialRank: input.rank - 2)
    let window = SlidingWindow(node, kernel: kernel)
    let sizes = input.dimensions.dropFirst(2).enumerated().map { axis, size in
      window.outputSize(of: size, axis: axis)
    }
    let channels = weights.flatMap { $0.rank == input.rank ? $0[0] : nil } ?? .unknown
    return node.result(elementType, Shape([input[0], channels] + sizes))
  }

  @Sendable static func pool(_ node: InferenceContext) -> [ValueType?] {
    guard let input = node.shape(0), input.rank >= 2 else { return node.result(node.elementType(0), nil) }
    let window = SlidingWindow(
      node, kernel: node.kernel(weights: nil, spatialRank: input.rank - 2), isPool: true)
    let sizes = input.dimensions.dropFirst(2).enumerated().map { axis, size in
      window.outputSize(of: size, axis: axis)
    }
    let shape = Shape(input.dimensions.prefix(2) + sizes)
    return node.result(node.elementType(0), shape) + node.result(.int64, shape)
  }

  @Sendable static func globalPool(_ node: InferenceContext) -> [ValueType?] {
    guard let input = node.shape(0), input.rank >= 2 else { return node.result(node.elementType(0), nil) }
    let ones = [Dimension](repeating: 1, count: input.rank - 2)
    return node.result(node.elementType(0), Shape(input.dimensions.prefix(2) + ones))
  }

  @Sendable private static func transposedConvolution(_ node: InferenceContext) -> [ValueType?] {
    let weights = node.shape(1)
    guard let input = node.shape(0) ?? weights.flatMap({ Shape.unknown(rank: $0.rank) }), input.rank >= 2
    else { return node.result(node.elementType(0), nil) }
    let kernel = node.kernel(weights: weights, spatialRank: input.rank - 2)
    let window = SlidingWindow(node, kernel: kernel)
    let requested = node.ints("output_shape")?.suffix(kernel.count).map(Dimension.fixed)
    let padding = node.ints("output_padding") ?? []
    let sizes = input.dimensions.dropFirst(2).enumerated().map { axis, size in
      if let requested { return axis < requested.count ? requested[axis] : .unknown }
      return window.inputSize(of: size, axis: axis, extra: axis < padding.count ? padding[axis] : 0)
    }
    let group = node.int("group") ?? 1
    let channels = weights.flatMap { $0.rank == input.rank ? $0[1] * .fixed(group) : nil } ?? .unknown
    return node.result(node.elementType(0), Shape([input[0], channels] + sizes))
  }

  @Sendable private static func unpool(_ node: InferenceContext) -> [ValueType?] {
    guard let input = node.shape(0), input.rank >= 2 else { return node.result(node.elementType(0), nil) }
    if node.has(2) {
      let sizes = node.elements(2).map { Shape($0) }
      return node.result(node.elementType(0), sizes ?? Shape.unknown(rank: input.rank))
    }
    let window = SlidingWindow(node, kernel: node.kernel(weights: nil, spatialRank: input.rank - 2))
    let sizes = input.dimensions.dropFirst(2).enumerated().map { axis, size in
      window.inputSize(of: size, axis: axis, extra: 0)
    }
    return node.result(node.elementType(0), Shape(input.dimensions.prefix(2) + sizes))
  }
}

extension InferenceContext {
  /// The kernel's sizes, from the attribute or else the weights.
  fileprivate func kernel(weights: Shape?, spatialRank: Int) -> [Dimension] {
    if let sizes = ints("kernel_shape"), sizes.count == spatialRank { return sizes.map(Dimension.fixed) }
    if let weights, weights.rank == spatialRank + 2 { return Array(weights.dimensions.dropFirst(2)) }
    return [Dimension](repeating: .unknown, count: max(spatialRank, 0))
  }
}
