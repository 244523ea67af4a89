import GraphIR
import TensorCore

/// Fourier transforms and windows. Signals are [batch, length, …, 1 or 2].
enum SignalInference {
  static let operators: [String: InferenceFunction] = [
    "DFT": fourier, "STFT": shortTimeFourier, "MelWeightMatrix": melWeights,
    "HannWindow": window, "HammingWindow": window, "BlackmanWindow": window,
  ]

  @Sendable private static func window(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(attribute: "output_datatype"), [node.element(0)])
  }

  @Sendable private static func melWeights(_ node: InferenceContext) -> [ValueType?] {
    let bins = node.element(1).floorDivided(by: 2) + 1
    return node.result(node.elementType(attribute: "output_datatype"), [bins, node.element(0)])
  }

  @Sendable private static func fourier(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), node.shape(0).flatMap { transformed($0, node) })
  }

  private static func transformed(_ shape: Shape, _ node: InferenceContext) -> Shape? {
    guard shape.rank >= 2 else { return nil }
    let isHalf = node.flag("onesided")
    let isInverse = node.flag("inverse")
    // From version 20 the axis is an input, by default the one before the last.
    let requested = node.opset < 20 ? node.int("axis") : node.has(2) ? node.integer(2) : -2
    let anySize = Shape(shape.dimensions.dropLast().map { _ in .unknown } + [.unknown])
    guard let axis = requested.flatMap(shape.normalizedAxis), axis < shape.rank - 1 else { return anySize }
    let length = node.has(1) ? node.element(1) : shape[axis]
    if isHalf, isInverse {
      // The full length of an inverse is ambiguous unless it is given.
      let full = node.has(1) ? length : (shape[axis] - 1) * 2
      return shape.replacing(axis, by: full).replacing(shape.rank - 1, by: 1)
    }
    let size = isHalf ? length.floorDivided(by: 2) + 1 : length
    return shape.replacing(axis, by: size).replacing(shape.rank - 1, by: 2)
  }

  /// [batch, frames, frequencies, 2]
  @Sendable private static func shortTimeFourier(_ node: InferenceContext) -> [ValueType?] {
    guard let signal = node.shape(0), signal.rank >= 2 else { return node.result(node.elementType(0), nil) }
    let window = node.shape(2).flatMap(\.dimensions.first)
    let frame = node.has(3) ? node.element(3) : window ?? .unknown
    let frames = (signal[1] - frame).floorDivided(by: node.element(1)) + 1
    let frequencies = node.flag("onesided") ? frame.floorDivided(by: 2) + 1 : frame
    return node.result(node.elementType(0), [signal[0], frames, frequencies, 2])
  }
}
