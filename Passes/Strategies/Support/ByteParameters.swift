import Kernels

/// How real numbers are laid on 0…255: level = round(x / scale) + zeroPoint.
///
/// Signed bytes would be the same levels, counted from −128; on x86, ONNX Runtime turns them into unsigned ones.
struct ByteParameters: Hashable, Sendable {
  let scale: Float
  let zeroPoint: UInt8

  init(scale: Float, zeroPoint: UInt8) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// The range around zero with the least squared error: the whole, or less where few numbers lie outside.
  ///
  /// Every number counts, since rare ones cost most: chosen by a sample of them, ranges left forty times the error in
  /// a residual network's outputs. Docs/Quantization.md compares other ways to choose.
  init(fitting summary: NumberSummary) {
    let points = summary.histogram.points
    let (least, greatest) = (min(summary.minimum, 0), max(summary.maximum, 0))
    var best = ByteParameters(from: least, to: greatest)
    var bestError = best.error(of: points)
    for percent in stride(from: 98, through: 40, by: -2) {
      let part = Float(percent) / 100
      let narrower = ByteParameters(from: least * part, to: greatest * part)
      let error = narrower.error(of: points)
      if error < bestError { (best, bestError) = (narrower, error) }
    }
    self = best
  }

  /// - Parameters: ≤ 0 and ≥ 0.
  private init(from least: Float, to greatest: Float) {
    let scale = (greatest - least) / 255
    guard scale.isNormal else {
      self.init(scale: 1, zeroPoint: 0)
      return
    }
    self.init(scale: scale, zeroPoint: UInt8(min(max((-least / scale).rounded(), 0), 255)))
  }

  private func error(of points: NumberPoints) -> Double {
    points.errorOfBytes(scale: scale, zeroPoint: Float(zeroPoint))
  }
}
