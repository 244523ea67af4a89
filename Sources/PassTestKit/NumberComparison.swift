import GraphIR
import TensorCore

/// When constants and attributes of two graphs are the same.
struct NumberComparison {
  /// How far numbers in floating point may differ, in proportion to the largest of their tensor or list; nil for the
  /// same bits.
  private let tolerance: Double?

  /// Bit by bit.
  static let identical = NumberComparison(tolerance: nil)
  /// Numbers in floating point to three digits, as people write what was fitted; everything else bit by bit.
  static let fitted = NumberComparison(tolerance: 1e-3)

  func agree(_ a: Tensor, _ b: Tensor) -> Bool {
    if a.isIdentical(to: b) { return true }
    guard a.elementType == b.elementType, a.elementType.isFloatingPoint, a.dimensions == b.dimensions,
      let values = try? a.doubles(), let others = try? b.doubles()
    else { return false }
    return agree(values, others)
  }

  /// Bodies do not count.
  func agree(_ a: AttributeValue, _ b: AttributeValue) -> Bool {
    switch (a, b) {
    case (.float(let value), .float(let other)): agree([Double(value)], [Double(other)])
    case (.floats(let values), .floats(let others)): agree(values.map(Double.init), others.map(Double.init))
    case (.tensor(let value), .tensor(let other)): agree(value.tensor, other.tensor)
    default: a.isIdentical(to: b) { _, _ in true }
    }
  }

  private func agree(_ values: [Double], _ others: [Double]) -> Bool {
    guard let tolerance else { return values.map(\.bitPattern) == others.map(\.bitPattern) }
    let largest = others.lazy.map(abs).max() ?? 0
    return values.count == others.count
      && zip(values, others).allSatisfy { $0 == $1 || abs($0 - $1) <= tolerance * largest }
  }
}
