import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Repeats elements once, or leaves it to the operator that reads them:
///
/// 1. `Expand(Expand(x))` is `Expand(x)` to the last shape, where all its sizes are known;
/// 2. an element-wise operator broadcasts by itself where another operand has the expanded shape.
///
/// Legal where shapes are known to be equal.
///
/// Rounding: bit for bit the same by the standard, but ONNX Runtime adds what `Where` takes of either input to zeros,
/// as a whole or row by row, which turns −0 into 0 in one form and not in the other.
struct MergeExpands: RewriteRule {
  static let summary = "Add(Expand(x, s), y) → Add(x, y), Expand(Expand(x)) → Expand(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), y = Var("y"), z = Var("z"), first = Var("first"), second = Var("second")
    let expand = Capture("expand"), node = Capture("node")

    Op.Expand(Op.Expand(x, first, as: expand), second, as: node) => { m in
      let sizes = try m.unwrap(m[node].outputShape?.fixedSizes, "a size is unknown")
      return try Op.Expand(x, Tensor(int64: sizes))
    }
    for op in Self.binary {
      op(Op.Expand(x, first, as: expand), y) => { m in
        try m.requireShape(of: expand, within: m[y])
        return op(x, y)
      }
      op(y, Op.Expand(x, first, as: expand)) => { m in
        try m.requireShape(of: expand, within: m[y])
        return op(y, x)
      }
    }
    Op.Where(Op.Expand(x, first, as: expand), y, z) => { m in
      try m.requireShape(of: expand, within: m[y], m[z])
      return Op.Where(x, y, z)
    }
    Op.Where(y, Op.Expand(x, first, as: expand), z) => { m in
      try m.requireShape(of: expand, within: m[y], m[z])
      return Op.Where(y, x, z)
    }
    Op.Where(y, z, Op.Expand(x, first, as: expand)) => { m in
      try m.requireShape(of: expand, within: m[y], m[z])
      return Op.Where(y, z, x)
    }
  }

  private static let binary: [OperatorTerm] = [
    Op.Add, Op.Sub, Op.Mul, Op.Div, Op.Pow, Op.And, Op.Or, Op.Xor, Op.Equal, Op.Less, Op.Greater,
    Op.LessOrEqual,
    Op.GreaterOrEqual,
  ]

  static let given = """
    float[N, 1] x; float[N, 4] z; float[1, 4] row; const int64[2] s = {1, 4}; const int64[2] wide = {3, 1}; \
    const int64[3] deep = {2, 1, 1}; bool[N, 1] c; float[3, 4] fixed; const int64[2] all = {3, 4}
    """

  static let examples: [Example] = [
    .rewrites("h = Expand(x, s); y = Add(h, z)", to: "y = Add(x, z)"),
    .rewrites(
      "h = Expand(row, all); y = Sub(fixed, h); w = Relu(h)",
      to: "h = Expand(row, all); y = Sub(fixed, row); w = Relu(h)"),
    .rewrites("h = Expand(c, s); y = Where(h, z, x)", to: "y = Where(c, z, x)"),
    .rewrites("h = Expand(row, wide); y = Expand(h, {2, 1, 1})", to: "y = Expand(row, {2, 3, 4})"),
    .keeps("h = Expand(x, s); y = Add(h, x)", because: "nothing else has that shape"),
    .keeps("h = Expand(z, deep); y = Add(h, z)", because: "an axis is added"),
    .keeps("h = Expand(x, s); y = Relu(h)", because: "nothing broadcasts"),
    .keeps("h = Expand(x, s); y = Expand(h, deep)", because: "a size is unknown"),
  ]
}

extension Match {
  /// Refuses unless what the others broadcast to has the expanded shape already.
  fileprivate func requireShape(of expand: Capture, within others: ValueID...) throws {
    let expanded = try unwrap(self[expand].outputShape, "the expanded shape is unknown")
    var shape = Shape.scalar
    for other in others {
      let next = try unwrap(model.shape(of: other), "a shape is unknown")
      shape = try unwrap(shape.broadcast(with: next), "the shapes do not fit")
    }
    try require(shape.absorbs(expanded), "nothing else has that shape")
  }
}
