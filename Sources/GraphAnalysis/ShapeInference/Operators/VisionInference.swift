import GraphIR
import TensorCore

/// Operators of detection and image processing.
enum VisionInference {
  static let operators: [String: InferenceFunction] = [
    "RoiAlign": regions, "MaxRoiPool": pooledRegions,
    "NonMaxSuppression": { $0.result(.int64, [.unknown, 3]) },
    "GridSample": gridSample, "AffineGrid": affineGrid, "Col2Im": columnsToImage,
    "ImageDecoder": { $0.result(.uint8, [.unknown, .unknown, .unknown]) },
  ]

  /// [regions, C, height, width]
  @Sendable private static func regions(_ node: InferenceContext) -> [ValueType?] {
    let count = node.shape(1).flatMap(\.dimensions.first) ?? .unknown
    let channels = node.shape(0).flatMap { $0.rank == 4 ? $0[1] : nil } ?? .unknown
    let height = node.int("output_height").map(Dimension.fixed) ?? .unknown
    let width = node.int("output_width").map(Dimension.fixed) ?? .unknown
    return node.result(node.elementType(0), [count, channels, height, width])
  }

  @Sendable private static func pooledRegions(_ node: InferenceContext) -> [ValueType?] {
    let count = node.shape(1).flatMap(\.dimensions.first) ?? .unknown
    let channels = node.shape(0).flatMap { $0.rank == 4 ? $0[1] : nil } ?? .unknown
    guard let sizes = node.ints("pooled_shape"), sizes.count == 2 else {
      return node.result(node.elementType(0), [count, channels, .unknown, .unknown])
    }
    return node.result(node.elementType(0), [count, channels, .fixed(sizes[0]), .fixed(sizes[1])])
  }

  @Sendable private static func gridSample(_ node: InferenceContext) -> [ValueType?] {
    guard let image = node.shape(0), let grid = node.shape(1), image.rank >= 2, grid.rank >= 2
    else { return node.result(node.elementType(0), nil) }
    let sizes = image.dimensions.prefix(2) + grid.dimensions.dropFirst().dropLast()
    return node.result(node.elementType(0), Shape(Array(sizes)))
  }

  /// From [N, C, spatial…] to [N, spatial…, number of spatial axes].
  @Sendable private static func affineGrid(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.elements(1).flatMap { sizes -> Shape? in
      guard sizes.count >= 3 else { return nil }
      return Shape([sizes[0]] + sizes.dropFirst(2) + [.fixed(sizes.count - 2)])
    }
    return node.result(node.elementType(0), shape)
  }

  /// From [N, C·block, blocks] to [N, C, image…].
  @Sendable private static func columnsToImage(_ node: InferenceContext) -> [ValueType?] {
    guard let shape = node.shape(0), shape.rank == 3, let image = node.elements(1)
    else { return node.result(node.elementType(0), nil) }
    let block = node.elements(2).map(Dimension.product) ?? .unknown
    let channels = block == 0 ? .unknown : shape[1].exactlyDivided(by: block)
    return node.result(node.elementType(0), Shape([shape[0], channels] + image))
  }
}
