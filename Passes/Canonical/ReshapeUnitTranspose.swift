import PassPipeline
import Rewriting
import TensorCore

/// Leaves out a `Transpose` before or after a `Reshape` where it moves axes of size 1 only: the elements keep their
/// order, so that a `Reshape` does it as well.
///
/// Legal where the shape that comes out can be written as a constant target.
struct ReshapeUnitTranspose: RewriteRule {
  static let summary = "Reshape(Transpose(x)) → Reshape(x), where only axes of size 1 move"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), target = Variadic("target")
    let transpose = Capture("transpose"), reshape = Capture("reshape")

    for op in [Op.Reshape, Op.Flatten] {
      op(Op.Transpose(x, as: transpose), target, as: reshape) => { m in
        try m.requireUnitMoves(x, transpose)
        return try m.reshaped(x, to: reshape)
      }
      Op.Transpose(op(x, target, as: reshape.exclusive), as: transpose) => { m in
        try m.requireUnitMoves(
          m[transpose].inputs.first.flatMap { $0 }.flatMap { m.model.shape(of: $0) }, transpose)
        return try m.reshaped(x, to: transpose)
      }
    }
  }

  static let given = """
    float[N, 1, 1, 6] x; float[N, 2, 1, 6] z; const int64[2] flat = {0, -1}; const int64[3] heads = {-1, 2, 3}; \
    const int64[2] rows = {-1, 12}
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Transpose<perm = [0, 3, 1, 2]>(x); y = Reshape(h, flat)", to: "y = Reshape(x, {0, 6})"),
    .rewrites(
      "h = Transpose<perm = [0, 2, 1, 3]>(z); y = Reshape(h, rows)", to: "y = Reshape(z, {0, 12})"),
    .rewrites(
      "h = Reshape(z, {0, 12, 1}); y = Transpose<perm = [0, 2, 1]>(h)", to: "y = Reshape(z, {0, 1, 12})"),
    .keeps("h = Transpose<perm = [0, 3, 2, 1]>(z); y = Reshape(h, rows)", because: "larger axes move"),
    .keeps("h = Transpose<perm = [1, 0, 2, 3]>(z); y = Reshape(h, heads)", because: "larger axes move"),
    .keeps("h = Transpose<perm = [0, 3, 1, 2]>(x); y = Relu(h)", because: "nothing is reshaped"),
  ]
}

extension Match {
  fileprivate func requireUnitMoves(_ x: Var, _ transpose: Capture) throws {
    try requireUnitMoves(shape(of: x), transpose)
  }

  fileprivate func requireUnitMoves(_ shape: Shape?, _ transpose: Capture) throws {
    let shape = try unwrap(shape, "the shape is unknown")
    let order = try self[transpose].optionalInts("perm") ?? Array((0..<shape.rank).reversed())
    try require(order.sorted() == Array(0..<shape.rank), "the file is wrong")
    let moved = order.filter { shape[$0] != .fixed(1) }
    try require(moved == moved.sorted(), "larger axes move")
  }

  /// `x` in the shape that comes out of the node.
  fileprivate func reshaped(_ x: Var, to capture: Capture) throws -> Term {
    let shape = try unwrap(self[capture].outputShape, "the shape is unknown")
    return try Op.Reshape(x, Tensor(int64: reshapeEntries(for: shape, from: self.shape(of: x))))
  }
}
