import PassPipeline
import Rewriting
import TensorCore

/// Casts directly, where the type between two casts holds every value of the first.
///
/// `Cast` from A to B to C is a `Cast` from A to C in these cases:
///
/// | A | B | C |
/// |---|---|---|
/// | integer | integer that holds every A | any |
/// | integer | floating point that holds every A | floating point, bool, integer that holds every A |
/// | floating point of 16 bits and more | floating point that holds every A | any but strings |
/// | bool | any number | any number, bool |
///
/// Values keep every bit; of a NaN only that it is one.
struct MergeCasts: RewriteRule {
  static let summary = "Cast(Cast(x)) → Cast(x), where the inner one loses nothing"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner"), outer = Capture("outer")

    Op.Cast(Op.Cast(x, as: inner), as: outer) => { m in
      let first = try m.elementType(of: x)
      let between = try m[inner].elementType("to")
      let last = try m[outer].elementType("to")
      try m.require(
        first.castsDirectly(to: last, insteadOfBy: between), "\(between) may change what \(last) gets")
      return try Op.Cast(x, attributes: m[outer].attributes)
    }
  }

  static let given =
    "float[2, 3] x in -5...5; float16[2, 3] half in -5...5; int8[2, 3] i; int64[2, 3] l; bool[2, 3] b"

  static let examples: [Example] = [
    .rewrites("h = Cast<to = 1>(half); y = Cast<to = 10>(h)", to: "y = Cast<to = 10>(half)"),
    .rewrites("h = Cast<to = 11>(x); y = Cast<to = 7>(h)", to: "y = Cast<to = 7>(x)"),
    .rewrites("h = Cast<to = 6>(i); y = Cast<to = 2>(h)", to: "y = Cast<to = 2>(i)"),
    .rewrites("h = Cast<to = 1>(i); y = Cast<to = 7>(h)", to: "y = Cast<to = 7>(i)"),
    .rewrites("h = Cast<to = 7>(b); y = Cast<to = 1>(h)", to: "y = Cast<to = 1>(b)"),
    .keeps("h = Cast<to = 10>(x); y = Cast<to = 1>(h)", because: "float16 rounds"),
    .keeps("h = Cast<to = 7>(x); y = Cast<to = 1>(h)", because: "int64 cuts off"),
    .keeps("h = Cast<to = 1>(l); y = Cast<to = 7>(h)", because: "float does not hold every int64"),
    .keeps("h = Cast<to = 11>(i); y = Cast<to = 2>(h)", because: "negative numbers do not fit uint8"),
    .keeps("h = Cast<to = 9>(x); y = Cast<to = 1>(h)", because: "bool keeps only whether it is 0"),
    .keeps(
      "h = Cast<to = 11>(x); y = Cast<to = 8>(h)", because: "the text depends on the type",
      execution: .skipped),
  ]
}

extension ElementType {
  /// Whether casting to `last` gives what casting to `between` first gives.
  fileprivate func castsDirectly(to last: ElementType, insteadOfBy between: ElementType) -> Bool {
    guard between.holds(self), last != .string || (isInteger && between.isInteger) else { return false }
    if isInteger && between.isFloatingPoint && last.isInteger { return last.holds(self) }
    return true
  }

  /// Whether every value of `other` is one of this type.
  fileprivate func holds(_ other: ElementType) -> Bool {
    if other == .bool { return self == .bool || isInteger || hasWholeFormat }
    if self == other { return other.isInteger || other.hasWholeFormat }
    switch (other.isInteger, isInteger) {
    case (true, true):
      return isSignedInteger == other.isSignedInteger
        ? bitWidth >= other.bitWidth : isSignedInteger && bitWidth > other.bitWidth
    case (true, false):
      // A sign takes one of the bits that magnitudes need.
      return other.bitWidth - (other.isSignedInteger ? 1 : 0) <= significandBits
    case (false, false):
      return other.hasWholeFormat && significandBits >= other.significandBits
        && exponentBits >= other.exponentBits
    case (false, true):
      return false
    }
  }

  /// 16-bit floating point and wider.
  private var hasWholeFormat: Bool { significandBits > 0 }

  /// Bits of whole numbers that are all held, the implicit one included; 0 for other types.
  private var significandBits: Int {
    switch self {
    case .float64: 53
    case .float32: 24
    case .float16: 11
    case .bfloat16: 8
    default: 0
    }
  }

  private var exponentBits: Int {
    switch self {
    case .float64: 11
    case .float32, .bfloat16: 8
    case .float16: 5
    default: 0
    }
  }
}
