import PassPipeline
import Rewriting
import TensorCore

/// Takes the greatest, or the least, of all values at once: `Max(Max(a, b), c)` is `Max(a, b, c)`, and of a value and
/// itself is the value.
///
/// Legal where nothing else reads what is taken in. At most one constant remains, where they can be compared.
///
/// Which NaN comes out, and which zero of two that differ in sign, is up to the runtime, as it was before.
struct MergeMinMax: RewriteRule {
  static let summary = "Max(Max(a, b), c) → Max(a, b, c), also Min"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), y = Var("y"), c = Constant("c"), d = Constant("d")
    let first = Variadic("first"), inner = Capture("inner").exclusive, node = Capture("node")

    for op in [Op.Max, Op.Min] {
      op(x, x, as: node) => { m in x }
      op(op(x, c, as: inner).commuting, d, as: node).commuting.asRewrite { m in
        let isMaximum = try m[node].op.name == "Max"
        return op(x, try m.extreme(c, d, isMaximum: isMaximum))
      }.benefit(2)
      op(op(first, as: inner), y, as: node) => { m in
        try m.requireVariadic(first)
        return op.applied(to: m[first].map { $0?.term ?? .absent } + [y.term])
      }
      op(y, op(first, as: inner), as: node) => { m in
        try m.requireVariadic(first)
        return op.applied(to: [y.term] + m[first].map { $0?.term ?? .absent })
      }
    }
  }

  static let given = """
    float[N, 4] a, b, e; const float one = 1.0; const float two = 2.0; const float nan = {nan}; \
    const float[4] row; const float[2, 1] column; int32[2, 3] i, j, k
    """

  static let examples: [Example] = [
    .rewrites("h = Max(a, a); y = Relu(h)", to: "y = Relu(a)"),
    .rewrites("h = Max(a, one); y = Max(two, h)", to: "y = Max(a, c)"),
    .rewrites("h = Min(row, a); y = Min(h, one)", to: "y = Min(a, c)"),
    .rewrites("h = Max(a, b); y = Max(h, e)", to: "y = Max(a, b, e)"),
    .rewrites("h = Min(i, j); y = Min(k, h)", to: "y = Min(k, i, j)"),
    .keeps("h = Max(a, b); y = Min(h, e)", because: "one takes the greatest and the other the least"),
    .keeps("h = Max(a, b); y = Max(h, e); z = Relu(h)", because: "others read it"),
    .keeps("h = Max(a, one); y = Min(h, two)", because: "one takes the greatest and the other the least"),
    .keeps("y = Max(a, b)", because: "there is one"),
    .keeps("h = Max(a, b); g = Neg(h); y = Max(g, e)", because: "another operator is between"),
  ]
}

extension Term {
  /// The same as `=>`, which binds less tightly than what follows.
  fileprivate func asRewrite(_ replacement: @escaping @Sendable (Match) throws -> Term) -> Rewrite {
    self => replacement
  }
}

extension Match {
  fileprivate func requireVariadic(_ inputs: Variadic) throws {
    try require(self[inputs].count < 16, "there are many already")
  }

  /// The greater, or the less, of each two elements.
  fileprivate func extreme(_ c: Constant, _ d: Constant, isMaximum: Bool) throws -> Tensor {
    let (a, b) = try (self[c].real(), self[d].real())
    try require(
      (a.values + b.values).allSatisfy { !$0.isNaN && abs($0) < 0x1p53 || $0.isInfinite },
      "a constant is no number")
    let zero = try a.map { _ in 0 } + b.map { _ in 0 }
    let left = try zero + a, right = try zero + b
    let values = zip(left.values, right.values).map { isMaximum ? max($0, $1) : min($0, $1) }
    try require(values.count <= max(a.values.count, b.values.count), "the result is larger than both")
    return try RealTensor(a.elementType, left.dimensions, values).rounded()
  }
}
