import PassPipeline
import Rewriting
import TensorCore

/// Parts axes before they change places instead of after it, so that two reshapes become one: with one that
/// stands before.
///
/// Legal where the sizes are known well enough to see that the last reshape parts axes and joins none, and to
/// write the new target as a constant.
struct PartAxesBeforeTranspose: RewriteRule {
  static let summary = "Reshape(Transpose(Reshape(x))) → Transpose(Reshape(x)), where the last parts axes"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), first = Var("first"), second = Var("second")
    let inner = Capture("inner").exclusive, transpose = Capture("transpose").exclusive,
      outer = Capture("outer")

    Op.Reshape(Op.Transpose(Op.Reshape(x, first, as: inner), as: transpose), second, as: outer) => { m in
      let order = try m.unwrap(m[transpose].permutation(), "all axes are reversed")
      let moved = try m.unwrap(m[transpose].outputShape, "the shape is unknown")
      let result = try m.unwrap(m[outer].outputShape, "the shape is unknown")
      try m.require(order.count == moved.rank, "the file is wrong")
      let groups = try m.unwrap(moved.parting(into: result), "axes are joined, or sizes unknown")
      let parts = order.indices.map { axis in groups[order.firstIndex(of: axis) ?? 0] }
      let starts = parts.indices.map { axis in parts[..<axis].reduce(0) { $0 + $1.count } }
      let permutation = order.flatMap { axis in parts[axis].indices.map { starts[axis] + $0 } }
      let target = try m.reshapeEntries(for: Shape(parts.flatMap { $0 }), from: m.model.shape(of: m[x]))
      return try Op.Transpose(
        Op.Reshape(x, Tensor(int64: target)), attributes: ["perm": AttributeLiteral(permutation)])
    }
  }

  static let given = """
    float[5, N, 12] x; const int64[3] heads = {5, -1, 4}; const int64[4] parts = {-1, 3, 5, 4}; \
    const int64[2] joined = {-1, 20}; const int64[3] same = {-1, 10, 2}
    """

  static let examples: [Example] = [
    .rewrites(
      "a = Reshape(x, heads); b = Transpose<perm = [1, 0, 2]>(a); y = Reshape(b, parts)",
      to: "a = Reshape(x, {5, 0, 3, 4}); y = Transpose<perm = [1, 2, 0, 3]>(a)"),
    .keeps(
      "a = Reshape(x, heads); b = Transpose<perm = [1, 7, 2]>(a); y = Reshape(b, parts)",
      because: "the file is wrong", execution: .skipped),
    .keeps(
      "a = Reshape(x, heads); b = Transpose<perm = [1, 0, 2]>(a); y = Reshape(b, joined)",
      because: "axes are joined"),
    .keeps(
      "a = Reshape(x, heads); b = Transpose<perm = [1, 0, 2]>(a); y = Reshape(b, parts); z = Relu(b)",
      because: "others read the value between"),
  ]
}
