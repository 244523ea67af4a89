import PassPipeline
import Rewriting
import TensorCore

/// Takes a negation into the operator that reads it:
///
/// - `x + (−y)` is `x − y`, `x − (−y)` is `x + y`;
/// - `(−x) · (−y)` is `x · y`; `(−x) · c` is `x · (−c)`;
/// - for floating point also `(−x) / c` is `x / (−c)`, and `(−x) / (−y)` is `x / y`;
/// - `|−x|` is `|x|`, `(−x)²` as `Mul(n, n)` is `Mul(x, x)`.
///
/// Bit for bit; of a NaN only that it is one. Integers wrap around in either form.
struct FuseNegation: RewriteRule {
  static let summary = "x + (−y) → x − y, (−x) · c → x · (−c), |−x| → |x|"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), y = Var("y"), c = Constant("c")

    (Op.Add(x, Op.Neg(y)).commuting => Op.Sub(x, y)).shrinking
    (Op.Sub(x, Op.Neg(y)) => Op.Add(x, y)).shrinking
    (Op.Mul(Op.Neg(x), Op.Neg(y)) => Op.Mul(x, y)).shrinking
    Op.Abs(Op.Neg(x)) => Op.Abs(x)
    (Op.Mul(Op.Neg(x), c).commuting => { m in try Op.Mul(x, m.negated(c)) }).shrinking
    (Op.Div(Op.Neg(x), Op.Neg(y)) => { m in
      try m.requireFloatingPoint(x)
      return Op.Div(x, y)
    }).shrinking
    (Op.Div(Op.Neg(x), c) => { m in try Op.Div(x, m.negated(c)) }).shrinking
  }

  static let given = """
    float[N, 4] x, z; const float three = 3.0; const float[4] row in 1...2; int32[2, 3] i, j in 1...3; \
    const int32 five = 5; const float[64, 64] big; float[64, 64] m
    """

  static let examples: [Example] = [
    .rewrites("h = Neg(x); y = Add(h, z)", to: "y = Sub(z, x)"),
    .rewrites("h = Neg(i); y = Sub(j, h)", to: "y = Add(j, i)"),
    .rewrites("h = Neg(x); g = Neg(z); y = Mul(h, g)", to: "y = Mul(x, z)"),
    .rewrites("h = Neg(x); y = Mul(h, row)", to: "y = Mul(x, c)"),
    .rewrites("h = Neg(x); y = Div(h, three)", to: "y = Div(x, c)"),
    .rewrites("h = Neg(x); y = Abs(h)", to: "y = Abs(x)"),
    .keeps("h = Neg(i); y = Div(h, five)", because: "integers are cut off"),
    .keeps("h = Neg(x); y = Mul(h, z)", because: "the other factor is computed"),
    .keeps("h = Neg(x); y = Add(h, z); u = Relu(h)", because: "others read it"),
    .keeps("h = Neg(x); y = Sub(h, z)", because: "it is no difference"),
    .keeps("h = Neg(m); y = Mul(h, big)", because: "a large constant would be stored twice"),
  ]
}

extension Match {
  fileprivate func requireFloatingPoint(_ x: Var) throws {
    try require(elementType(of: x).isFloatingPoint, "integers are cut off")
  }

  fileprivate func negated(_ c: Constant) throws -> Tensor {
    let tensor = try self[c]
    try require(tensor.elementType.isFloatingPoint, "\(c.name) is no floating point")
    try require(tensor.elementCount <= 1024, "a large constant would be stored twice")
    return try tensor.real().map { -$0 }.rounded()
  }
}
