import PassPipeline
import Rewriting
import TensorCore

/// Removes `Slice` that takes everything.
///
/// Legal where the steps are positive constants and
/// 1. inference knows input and output to have the same shape: with a step of 1 that is the whole axis, and
///    with a greater one the only element of an axis of size 1; or
/// 2. each range starts at 0, has step 1, and ends at the axis's size or beyond it (the specification's way to
///    say "to the end" is the greatest integer of the type).
struct EliminateNopSlice: RewriteRule {
  static let summary = "Slice(x, …) → x, where it takes everything"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), parameters = Variadic("parameters"), slice = Capture("slice")
    Op.Slice(x, parameters, as: slice) => { m in
      let steps = try m[slice].optionalInts("steps") ?? []
      try m.require(steps.allSatisfy { $0 > 0 }, "the order changes")
      if try m.outputHasShape(of: x, slice) { return x }
      try m.require(steps.allSatisfy { $0 == 1 }, "elements are left out")
      try m.require(m.takesAll(of: x, m[slice]), "elements may be cut off")
      return x
    }
  }

  static let given = """
    float[N, 4] x; const int64[1] zero = {0}; const int64[1] first = {0}; const int64[1] second = {1}; \
    const int64[1] four = {4}; const int64[1] three = {3}; const int64[1] end = {9223372036854775807}; \
    const int64[1] back = {-1}; const int64[1] least = {-9223372036854775807}; const int64[1] two = {2}
    """

  static let examples: [Example] = [
    .rewrites("h = Slice(x, zero, four, second); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Slice(x, zero, end, first); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Slice<starts = [0], ends = [9], axes = [1]>(x); y = Relu(h)", to: "y = Relu(x)", opset: 9),
    .keeps("h = Slice(x, zero, three, second); y = Relu(h)", because: "elements are cut off"),
    .keeps("h = Slice(x, second, end, second); y = Relu(h)", because: "elements are cut off"),
    .keeps("h = Slice(x, back, least, second, back); y = Relu(h)", because: "the order changes"),
    .keeps("h = Slice(x, zero, end, second, two); y = Relu(h)", because: "elements are left out"),
  ]
}

extension Match {
  fileprivate func takesAll(of variable: Var, _ slice: NodeView) throws -> Bool {
    let starts = try slice.ints("starts"), ends = try slice.ints("ends")
    guard starts.count == ends.count, starts.allSatisfy({ $0 == 0 }) else { return false }
    if ends.allSatisfy({ $0 >= Int(Int32.max) }) { return true }
    let shape = try shape(of: variable)
    let axes = try slice.optionalInts("axes") ?? Array(starts.indices)
    guard axes.count == ends.count else { return false }
    return zip(axes, ends).allSatisfy { axis, end in
      guard let axis = shape.normalizedAxis(axis), end >= 0 else { return false }
      return end >= Int(Int32.max) || shape[axis].fixedSize.map { end >= $0 } ?? false
    }
  }
}
