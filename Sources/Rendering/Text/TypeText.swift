import TensorCore

/// Types and sizes in few characters.
enum TypeText {
  static let limit = 48

  /// As in `float N×3×32×32`, `int64 scalar`, `seq(float[N])`; empty for an unknown type.
  static func short(_ type: ValueType?) -> String {
    guard let type else { return "" }
    guard let tensor = type.tensorType else { return type.description.shown(atMost: limit) }
    return "\(tensor.elementType) \(short(tensor.shape))".shown(atMost: limit)
  }

  static func short(_ shape: Shape?) -> String {
    guard let shape else { return "?" }
    if shape.rank == 0 { return "scalar" }
    let shown = shape.dimensions.prefix(12).map(short).joined(separator: "×")
    return shape.rank > 12 ? shown + "×…" : shown
  }

  private static func short(_ dimension: Dimension) -> String {
    let text = dimension.description.shown(atMost: 24)
    let isName = text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "?" }
    return isName || text.hasSuffix("…") ? text : "(\(text))"
  }

  /// `short` of the one, or `short → short` where the other has it otherwise.
  static func short(_ old: ValueType?, to new: ValueType?) -> String {
    let (old, new) = (short(old), short(new))
    if old.isEmpty || new.isEmpty || old == new { return new.isEmpty ? old : new }
    return "\(old) → \(new)"
  }
}
