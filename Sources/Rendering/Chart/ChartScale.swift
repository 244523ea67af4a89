import Foundation

/// How values lie along an axis, with round numbers at its ticks.
struct ChartScale {
  private enum Form {
    case linear
    /// sign(x) · log(1 + |x| / threshold): close to linear below the threshold, logarithmic above it, defined on both
    /// sides of zero (Webber, "A bi-symmetric log transformation for wide-range data", 2013).
    case symmetricLogarithm(threshold: Double)
  }

  private let form: Form
  let range: ClosedRange<Double>
  let ticks: [Double]

  /// - Parameters:
  ///   - values: what has to be on the axis; what is not finite is left out.
  ///   - reference: is on the axis, too.
  ///   - tickCount: about so many ticks.
  static func linear(_ values: [Double], including reference: Double, tickCount: Int) -> ChartScale {
    let extent = Self.extent(values, reference)
    let width = extent.upperBound - extent.lowerBound
    let span = width > 0 ? width : 1
    let low = extent.lowerBound < reference ? extent.lowerBound - 0.04 * span : reference
    let high = extent.upperBound > reference || width <= 0 ? extent.upperBound + 0.04 * span : reference
    let step = roundStep(span / Double(max(tickCount, 1)))
    let first = (low / step).rounded(.up)
    // Not more than a few: `step` is no smaller than a share of the span.
    let count = Int(min(max((high / step).rounded(.down) - first, 0), 64))
    return ChartScale(
      form: .linear, range: low...high, ticks: (0...count).map { (first + Double($0)) * step })
  }

  /// Logarithmic on both sides of zero above `threshold`, where values differ by orders of magnitude; else linear.
  static func symmetricLogarithm(_ values: [Double], threshold: Double, tickCount: Int) -> ChartScale {
    let extent = Self.extent(values, 0)
    let largest = max(-extent.lowerBound, extent.upperBound)
    guard threshold > smallest, threshold.isFinite, largest > 8 * threshold else {
      return linear(values, including: 0, tickCount: tickCount)
    }
    let scale = ChartScale(
      form: .symmetricLogarithm(threshold: threshold),
      range: 1.1 * extent.lowerBound...1.1 * extent.upperBound,
      ticks: [])
    let unit = pow(10, log10(threshold).rounded(.down))
    let decades = sequence(first: unit) { $0 * 10 }.prefix(40).prefix { $0 < largest * 10 }
    return scale.with(ticks: decades.reversed(), distance: 0.7 / Double(max(tickCount, 1)))
  }

  /// The largest of `ticks` on both sides of zero, as many as keep a distance from each other and from zero.
  private func with(ticks: [Double], distance: Double) -> ChartScale {
    var kept = [0.0]
    for tick in ticks + ticks.map({ -$0 }) where range.contains(tick) {
      if kept.allSatisfy({ abs(position(tick) - position($0)) >= distance }) { kept.append(tick) }
    }
    return ChartScale(form: form, range: range, ticks: kept.sorted())
  }

  /// What is nearer to zero counts as zero: powers of ten end soon after.
  private static let smallest = 1e-300

  private static func extent(_ values: [Double], _ reference: Double) -> ClosedRange<Double> {
    let finite = values.filter { abs($0) < 1e300 }.map { abs($0) < smallest ? 0 : $0 } + [reference]
    return (finite.min() ?? reference)...(finite.max() ?? reference)
  }

  /// 1, 2 or 5 times a power of ten, at least `step`.
  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    let factor = [1.0, 2, 5].first { $0 * power >= step * (1 - 1e-9) } ?? 10
    return factor * power
  }

  /// From 0 at the low end to 1; values beyond the ends are moved to them, what is no number to the low one.
  func position(_ value: Double) -> Double {
    let (low, high) = (transformed(range.lowerBound), transformed(range.upperBound))
    guard high > low, !value.isNaN else { return 0 }
    return min(max((transformed(value) - low) / (high - low), 0), 1)
  }

  private func transformed(_ value: Double) -> Double {
    switch form {
    case .linear: value
    case .symmetricLogarithm(let threshold): (value < 0 ? -1 : 1) * log1p(abs(value) / threshold)
    }
  }

  /// As short as tells the ticks apart.
  func text(_ tick: Double) -> String {
    if abs(tick) >= 1e6 || tick != 0 && abs(tick) < 1e-6 { return String(format: "%.0e", tick) }
    let text = String(format: "%.9f", tick == 0 ? 0 : tick)
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }
}
