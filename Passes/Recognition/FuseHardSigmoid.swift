import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `HardSigmoid`, `max(0, min(1, α·x + β))`, in the form that mobile networks have it: `clip(x + c, 0, d) / d`,
/// where α is 1 / d and β is c / d.
///
/// Legal where c and d are numbers that do not broadcast x, d is positive, and nothing else reads the parts.
///
/// Rounding: α and β are rounded to single precision. NaN stays NaN.
struct FuseHardSigmoid: RewriteRule {
  static let summary = "Clip(x + c, 0, d) / d → HardSigmoid<alpha = 1 / d, beta = c / d>(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), offset = Constant("offset"), divisor = Constant("divisor")
    let clip = Capture("clip"), outer = Capture("outer"), bounds = Variadic("bounds")
    let clipped = Op.Clip(Op.Add(x, offset).commuting, bounds, as: clip)

    for quotient in [Op.Div(clipped, divisor, as: outer), Op.Mul(clipped, divisor, as: outer).commuting] {
      let rewrite =
        quotient => { m in
          let number = try m.unwrap(m[divisor].uniformValue, "\(divisor.name) is not one number")
          let top = try m.float(clip, "max")
          let isInverse = try m[outer].op.name == "Div" ? number == top : m.isAbout(divisor, 1 / top)
          try m.require(isInverse && top > 0, "the result is not between 0 and 1")
          try m.require(m.float(clip, "min") == 0, "the least value is not 0")
          try m.requireHalfOrSingle(x)
          try m.requireShapeOfRoot(is: x)
          let shift = try m.unwrap(m[offset].uniformValue, "\(offset.name) is not one number")
          return Op.HardSigmoid(
            x,
            attributes: [
              "alpha": AttributeLiteral(.float(Float(1 / top))),
              "beta": AttributeLiteral(.float(Float(shift / top))),
            ])
        }
      rewrite.shrinking
    }
  }

  static let given = """
    float[N, 4] x in -5...5; const float three = 3.0; const float six = 6.0; const float zero = 0.0; \
    const float sixth = 0.16666667; const float[4] row; const float one = 1.0
    """

  static let examples: [Example] = [
    .rewrites(
      "s = Add(x, three); c = Clip(s, zero, six); y = Div(c, six)",
      to: "y = HardSigmoid<alpha = 0.16666667, beta = 0.5>(x)"),
    .rewrites(
      "s = Add(three, x); c = Clip(s, zero, six); y = Mul(sixth, c)",
      to: "y = HardSigmoid<alpha = 0.16666667, beta = 0.5>(x)"),
    .rewrites(
      "s = Add(x, three); c = Clip<min = 0.0, max = 6.0>(s); y = Div(c, six)",
      to: "y = HardSigmoid<alpha = 0.16666667, beta = 0.5>(x)", opset: 10),
    .keeps("s = Add(x, three); c = Clip(s, zero, six); y = Div(c, three)", because: "the result reaches 2"),
    .keeps("s = Add(x, three); c = Clip(s, one, six); y = Div(c, six)", because: "the least value is not 0"),
    .keeps("s = Add(x, three); c = Clip(s, zero); y = Div(c, six)", because: "there is no greatest value"),
    .keeps("s = Add(x, row); c = Clip(s, zero, six); y = Div(c, six)", because: "c is not one number"),
  ]
}

extension Match {
  /// A parameter that must be given.
  fileprivate func float(_ capture: Capture, _ name: String) throws -> Double {
    let tensor = try unwrap(self[capture].optionalConstant(name), "'\(name)' is left out")
    return try unwrap(tensor.uniformValue, "'\(name)' is not one number")
  }
}
