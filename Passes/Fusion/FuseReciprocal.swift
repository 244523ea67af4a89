import PassPipeline
import Rewriting

/// Divides by what x is multiplied with the reciprocal of.
///
/// Legal for floating point, where nothing else reads the reciprocal and a constant 1 does not broadcast y.
///
/// Rounding: one instead of two. Where 1 / y overflows or vanishes and x / y does not, the quotient is right. NaN,
/// infinities and zeros of x and y give what they gave, except that ∞ / ∞ and 0 / 0 are NaN as ∞ · 0 was.
///
/// ONNX Runtime 1.32 recognizes a root mean square normalization with a scale by its quotient: 0.4 times as long. A
/// quotient that it does not recognize takes 1.1 times as long as the two products.
struct FuseReciprocal: RewriteRule {
  static let summary = "Mul(x, Reciprocal(y)) → Div(x, y)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), y = Var("y"), reciprocal = Capture("reciprocal").exclusive
    let one = Op.Div(1.0, y, as: reciprocal)

    Op.Mul(x, Op.Reciprocal(y, as: reciprocal).or(one)).commuting => { m in
      try m.require(m.elementType(of: y).isFloatingPoint, "integers are cut off")
      try m.require(m.outputHasShape(of: y, reciprocal), "the constant changes the shape of y")
      return Op.Div(x, y)
    }
  }

  static let given = """
    float[N, 4] x; float[N, 1] y in 1...2; const float[1, 1, 1] deep = 1.0; int32[N, 4] i; int32[N, 4] j in 1...2
    """

  static let examples: [Example] = [
    .rewrites("r = Reciprocal(y); z = Mul(x, r)", to: "z = Div(x, y)"),
    .rewrites("r = Reciprocal(y); z = Mul(r, x)", to: "z = Div(x, y)"),
    .rewrites("r = Div(1.0, y); z = Mul(x, r)", to: "z = Div(x, y)"),
    .keeps("r = Reciprocal(y); z = Mul(x, r); w = Add(x, r)", because: "the reciprocal is read twice"),
    .keeps("r = Div(2.0, y); z = Mul(x, r)", because: "2 is divided"),
    .keeps("r = Div(deep, y); z = Mul(x, r)", because: "the constant raises the rank"),
    .keeps("r = Div(int32 {1}, j); z = Mul(i, r)", because: "integers are cut off"),
    .keeps("r = Reciprocal(y); z = Add(x, r)", because: "there is no product"),
  ]
}
