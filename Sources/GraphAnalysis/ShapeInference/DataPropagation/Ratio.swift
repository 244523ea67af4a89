import GraphIR
import TensorCore

/// A real number between the integers of a shape computation, as in `Cast`, `Div`, `Floor`, `Cast`.
struct Ratio: Sendable {
  let numerator: Dimension
  /// At least 1.
  let denominator: Int

  init?(_ numerator: Dimension, by denominator: Int) {
    guard !numerator.isUnknown, denominator > 0 else { return nil }
    self.numerator = numerator
    self.denominator = denominator
  }

  var floor: Dimension { numerator.floorDivided(by: .fixed(denominator)) }

  var ceiling: Dimension { numerator.ceilingDivided(by: .fixed(denominator)) }

  /// As conversions to integers round.
  var truncated: Dimension { numerator.isKnownNonNegative ? floor : .unknown }
}

extension ElementPropagation {
  /// The single element of a node of real numbers.
  ///
  /// Sizes are below 2²⁴: then neither their quotient by an integer nor their product with a fraction of a power
  /// of two is rounded up to the next integer.
  static func ratio(_ node: InferenceContext) -> Ratio? {
    guard node.op.isStandard else { return nil }
    switch node.op.name {
    case "Identity", "Unsqueeze", "Squeeze", "Reshape", "Cast": return node.input(0)?.ratio
    case "Div":
      return node.integer(1).flatMap { Ratio(node.element(0), by: $0) }
    case "Mul":
      return scaled(node.element(0), by: node.reals(1)) ?? scaled(node.element(1), by: node.reals(0))
    default: return nil
    }
  }

  private static func scaled(_ size: Dimension, by factors: [Double]?) -> Ratio? {
    guard let factors, factors.count == 1 else { return nil }
    for exponent in 1...8 {
      let denominator = 1 << exponent
      guard let numerator = Int(exactly: factors[0] * Double(denominator)) else { continue }
      return (0..<1 << 16).contains(numerator) ? Ratio(size * .fixed(numerator), by: denominator) : nil
    }
    return nil
  }
}
