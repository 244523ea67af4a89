import GraphIR
import TensorCore

/// `Resize` and its forerunner.
enum ResizingInference {
  static let operators: [String: InferenceFunction] = ["Resize": resize, "Upsample": upsample]

  @Sendable private static func upsample(_ node: InferenceContext) -> [ValueType?] {
    let scales = node.has(1) ? node.reals(1) : node.own("scales")?.floats?.map(Double.init)
    return node.result(node.elementType(0), node.shape(0).map { scaled($0, by: scales) })
  }

  @Sendable private static func resize(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.shape(0).map { resized($0, node) })
  }

  private static func resized(_ shape: Shape, _ node: InferenceContext) -> Shape {
    if node.opset < 11 { return scaled(shape, by: node.reals(1)) }
    let anySize = Shape(shape.dimensions.map { _ in .unknown })
    guard let axes = node.ints("axes").map(shape.normalizedAxes) ?? Array(shape.dimensions.indices)
    else { return anySize }
    if node.has(3), node.length(3) != 0 {
      guard let sizes = node.elements(3), sizes.count == axes.count else {
        return axes.reduce(shape) { $0.replacing($1, by: .unknown) }
      }
      let fitted = keepingRatio(sizes, of: axes.map { shape[$0] }, node.string("keep_aspect_ratio_policy"))
      return zip(axes, fitted).reduce(shape) { $0.replacing($1.0, by: $1.1) }
    }
    // The result of cropping depends on the region.
    guard node.string("coordinate_transformation_mode") != "tf_crop_and_resize" else { return anySize }
    guard let scales = node.reals(2), scales.count == axes.count else {
      let elements = node.elements(2)
      return axes.enumerated().reduce(shape) { result, entry in
        let scale = elements.flatMap { $0.count == axes.count ? $0[entry.offset] : nil } ?? .unknown
        return result.replacing(entry.element, by: shape[entry.element] * scale)
      }
    }
    return zip(axes, scales).reduce(shape) { $0.replacing($1.0, by: $0[$1.0].scaled(by: $1.1)) }
  }

  private static func scaled(_ shape: Shape, by scales: [Double]?) -> Shape {
    guard let scales, scales.count == shape.rank else { return Shape(shape.dimensions.map { _ in .unknown }) }
    return Shape(zip(shape.dimensions, scales).map { $0.scaled(by: $1) })
  }

  /// The sizes that a policy makes of the requested ones.
  private static func keepingRatio(
    _ requested: [Dimension], of sizes: [Dimension], _ policy: String?
  ) -> [Dimension] {
    guard policy == "not_larger" || policy == "not_smaller" else { return requested }
    let scales = zip(requested, sizes).map { requested, size -> Float? in
      guard let requested = requested.fixedSize, let size = size.fixedSize, size > 0 else { return nil }
      return Float(requested) / Float(size)
    }
    let known = scales.compactMap { $0 }
    let chosen = policy == "not_larger" ? known.min() : known.max()
    guard known.count == sizes.count, let chosen else { return sizes.map { _ in .unknown } }
    return sizes.map { size in
      let scaled = Float(size.fixedSize ?? 0) * chosen
      // Halves are rounded up.
      return Int(exactly: (scaled + 0.5).rounded(.down)).map(Dimension.fixed) ?? .unknown
    }
  }
}

extension Dimension {
  /// ⌊self · scale⌋ as runtimes compute it, in single precision.
  fileprivate func scaled(by scale: Double) -> Dimension {
    guard scale.isFinite, scale >= 0 else { return .unknown }
    if let size = fixedSize {
      return Int(exactly: (Float(size) * Float(scale)).rounded(.down)).map(Dimension.fixed) ?? .unknown
    }
    if let factor = Int(exactly: scale) { return self * .fixed(factor) }
    // Halves, quarters and so on are exact.
    guard let divisor = Int(exactly: 1 / scale), divisor.nonzeroBitCount == 1 else { return .unknown }
    return floorDivided(by: .fixed(divisor))
  }
}
