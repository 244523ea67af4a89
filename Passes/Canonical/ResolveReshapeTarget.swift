import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Makes a constant of a target shape that is computed, where inference knows what comes out: exporters write
/// `Reshape(x, Concat(Gather(Shape(x), 0), -1))` for what is `{0, -1}`.
///
/// Sizes that are known stand for themselves, one that is the input's along the same axis is 0, and one other
/// may be left to −1. A known size of 0 would make −1 ambiguous, and so would a copied size that is 0 when the
/// model runs, so that 0 and −1 never stand together.
struct ResolveReshapeTarget: RewriteRule {
  static let summary = "Reshape(x, computed) → Reshape(x, constant)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), target = Var("target"), reshape = Capture("reshape")
    Op.Reshape(x, target, as: reshape) => { m in
      try m.require(m.model.constant(m[target]) == nil, "the target is a constant")
      let shape = try m.unwrap(m[reshape].outputShape, "the shape is unknown")
      let entries = try m.entries(for: shape, from: m.model.shape(of: m[x]))
      return try Op.Reshape(x, Tensor(int64: entries))
    }
  }

  static let given = "float[N, 4, 3] x; int64[2] s; float[N, M, 4] m"

  static let examples: [Example] = [
    .rewrites(
      "s = Shape(x); d = Gather(s, {0}); t = Concat<axis = 0>(d, {12}); y = Reshape(x, t)",
      to: "y = Reshape(x, {0, 12})"),
    .rewrites(
      "s = Shape(m); d = Gather(s, {1, 0}); t = Concat<axis = 0>(d, {-1}); y = Reshape(m, t)",
      to: "y = Reshape(m, s_1)", given: "float[N, 2, 4] m"),
    .keeps("y = Reshape(x, {0, -1})", because: "the target is a constant"),
    .keeps("s = Shape(m); d = Gather(s, {1, 0, 2}); y = Reshape(m, d)", because: "two sizes change places"),
    .keeps(
      "s = Shape(m); d = Gather(s, {0}); e = Gather(s, {1}); f = Mul(e, {4}); t = Concat<axis = 0>(d, f); y = Reshape(m, t)",
      because: "a copied size may be 0"),
    .keeps("y = Reshape(x, s)", because: "the shape is unknown", execution: .skipped),
  ]
}

extension Match {
  /// The constant target that gives `shape`.
  fileprivate func entries(for shape: Shape, from input: Shape?) throws -> [Int] {
    var entries: [Int] = []
    for (axis, size) in shape.dimensions.enumerated() {
      if let fixed = size.fixedSize {
        try require(fixed > 0, "a size is 0")
        entries.append(fixed)
      } else if let input, axis < input.rank, input[axis].isKnownEqual(to: size) {
        entries.append(0)
      } else {
        try require(!entries.contains(-1), "two sizes are unknown")
        entries.append(-1)
      }
    }
    try require(!(entries.contains(0) && entries.contains(-1)), "a copied size may be 0")
    return entries
  }
}
