import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Reshapes directly: what `Reshape`, `Flatten`, `Squeeze` or `Unsqueeze` did before does not matter, since all of
/// them keep elements and their order.
///
/// A size of the new shape is kept where it does not depend on the first result. A 0 without `allowzero` copies a
/// size of the first result, and becomes
/// 1. that size, where it is known and not 0;
/// 2. a 0, where `x` is known to have the same size at the same axis;
/// 3. −1, where all other sizes are known and none of them is −1 or 0.
///
/// A shape that is computed may copy any size. It stays where each size that comes out is known to be that of `x` at the
/// same axis, since a copied size is then the same one.
struct MergeReshapes: RewriteRule {
  static let summary = "Reshape(Reshape(x), shape) → Reshape(x, shape)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), first = Variadic("first"), second = Variadic("second")
    let inner = Capture("inner"), outer = Capture("outer")

    for op in [Op.Reshape, Op.Flatten, Op.Squeeze, Op.Unsqueeze] {
      Op.Reshape(op(x, first, as: inner), second, as: outer) => { m in
        if let shape = try m.computedShape(of: outer, keepingSizesOf: x) {
          return try Op.Reshape(x, shape, attributes: m[outer].attributes)
        }
        let attributes = try m[outer].attributes.removing("shape")
        let old = try m[outer].ints("shape")
        let copiesNothing = try !old.contains(0) || m[outer].optionalInt("allowzero") == 1
        let new = copiesNothing ? old : try m.resolved(old, copyingFrom: m[inner].output, to: m[x])
        if new == old, let shape = m[second].first as? ValueID {
          return Op.Reshape(x, shape, attributes: attributes)
        }
        return try Op.Reshape(x, Tensor(int64: new), attributes: attributes)
      }
    }
  }

  static let given = """
    float[2, 3, 4] x; float[N, 3, 4] s; float[N, K, 4] t; const int64[2] rows = {6, 4}; const int64[1] flat = {-1}; \
    const int64[2] keep = {0, -1}; const int64[3] keep3 = {0, 0, 4}; const int64[3] swap = {4, 3, 2}; \
    const int64[3] part = {0, 4, 3}; int64[2] v; const int64[1] zero = {0}; const int64[3] split = {-1, 0, 1}; const int64[1] four = {4}
    """

  static let examples: [Example] = [
    .rewrites("h = Reshape(x, rows); y = Reshape(h, swap)", to: "y = Reshape(x, swap)"),
    .rewrites("h = Flatten(s); y = Reshape(h, flat)", to: "y = Reshape(s, flat)"),
    .rewrites("h = Unsqueeze(s, zero); y = Reshape(h, flat)", to: "y = Reshape(s, flat)"),
    .rewrites("h = Flatten(s); y = Reshape(h, part)", to: "y = Reshape(s, part)"),
    .rewrites("h = Reshape(x, rows); y = Reshape(h, keep)", to: "y = Reshape(x, {6, -1})"),
    .rewrites(
      "h = Unsqueeze(s, zero); y = Reshape(h, part)", to: "y = Reshape(s, {1, 4, 3})", execution: .skipped),
    .rewrites("h = Flatten<axis = 2>(t); y = Reshape(h, {0, 2, 2})", to: "y = Reshape(t, {-1, 2, 2})"),
    .rewrites(
      "h = Reshape(x, rows); y = Reshape<allowzero = 1>(h, swap)", to: "y = Reshape<allowzero = 1>(x, swap)"),
    .rewrites("h = Flatten<axis = 2>(t); y = Reshape(h, split)", to: "y = Reshape(t, {-1, 4, 1})"),
    .rewrites(
      """
      r = Relu(t); h = Reshape(r, flat); n = Shape<end = 2>(t); c = Concat<axis = 0>(n, four); b = Reshape(h, c); \
      y = Neg(b)
      """,
      to: "r = Relu(t); n = Shape<end = 2>(t); c = Concat<axis = 0>(n, four); b = Reshape(r, c); y = Neg(b)"),
    .keeps(
      """
      r = Relu(t); h = Reshape(r, flat); n = Shape<start = 1>(t); m = Shape<end = 1>(t); \
      c = Concat<axis = 0>(n, m); y = Reshape(h, c)
      """, because: "sizes that may be copied change places"),
    .keeps("h = Flatten<axis = 2>(t); y = Reshape(h, keep)", because: "two sizes would be −1"),
    .keeps("h = Flatten(s); y = Reshape(h, v)", because: "the shape is computed", execution: .skipped),
    .keeps("h = Transpose(x); y = Reshape(h, rows)", because: "the order changes"),
    .keeps("h = Reshape(x, rows); g = Relu(h); y = Reshape(g, swap)", because: "another operator is between"),
    .keeps("h = Reshape(x, rows); y = Flatten(h)", because: "Flatten depends on the axes"),
    .keeps("y = Reshape(x, rows)", because: "there is one"),
    .keeps("h = Flatten(x); y = Shape(h)", because: "the shape is read"),
    .keeps("h = Expand(x, {2, 3, 4}); y = Reshape(h, rows)", because: "Expand may repeat elements"),
  ]
}

extension Match {
  /// The target of a `Reshape` if it is computed and gives each axis the size that `x` has there.
  fileprivate func computedShape(of reshape: Capture, keepingSizesOf x: Var) throws -> ValueID? {
    guard let target = try self[reshape].inputs.dropFirst().first ?? nil, model.constant(target) == nil else {
      return nil
    }
    let (old, new) = (try shape(of: x), try unwrap(self[reshape].outputShape, "the shape is unknown"))
    try require(
      new.rank <= old.rank && (0..<new.rank).allSatisfy { new[$0].isKnownEqual(to: old[$0]) },
      "'shape' is computed, and may copy sizes")
    return target
  }

  /// The target `shape` without zeros that copy sizes of `source`, for a `Reshape` of `x`.
  fileprivate func resolved(_ shape: [Int], copyingFrom source: ValueID, to x: ValueID) throws -> [Int] {
    let copied = model.shape(of: source)
    var unresolved: [Int] = []
    var result = shape
    for (axis, size) in shape.enumerated() where size == 0 {
      let dimension = copied.flatMap { axis < $0.rank ? $0[axis] : nil } ?? .unknown
      let own = model.shape(of: x).flatMap { axis < $0.rank ? $0[axis] : nil } ?? .unknown
      if let fixed = dimension.fixedSize, fixed > 0 {
        result[axis] = fixed
      } else if !own.isKnownEqual(to: dimension) {
        unresolved.append(axis)
      }
    }
    guard let axis = unresolved.first else { return result }
    result[axis] = -1
    let others = result.indices.filter { $0 != axis }
    try require(
      unresolved.count == 1 && others.allSatisfy { result[$0] > 0 }, "copied sizes are unknown")
    return result
  }
}
