import PassPipeline
import Rewriting

/// Recognizes `LogSoftmax`: the logarithm of `Softmax`.
///
/// Legal where nothing else reads the `Softmax`; the axis, and before operator set 13 the axes from there on, stay.
///
/// Rounding: `LogSoftmax` does not go by way of the quotient. Where that vanishes, the logarithm is −∞ in the parts and a
/// number in `LogSoftmax`, which is right. NaN and infinities of the input spread over the same rows.
struct FuseLogSoftmax: RewriteRule {
  static let summary = "Log(Softmax(x)) → LogSoftmax(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), softmax = Capture("softmax").exclusive
    Op.Log(Op.Softmax(x, as: softmax)) => { m in
      try Op.LogSoftmax(x, attributes: m[softmax].attributes)
    }
  }

  static let given = "float[N, 3, 4] x"

  static let examples: [Example] = [
    .rewrites("s = Softmax(x); y = Log(s)", to: "y = LogSoftmax(x)"),
    .rewrites("s = Softmax<axis = 1>(x); y = Log(s)", to: "y = LogSoftmax<axis = 1>(x)"),
    .rewrites("s = Softmax<axis = 1>(x); y = Log(s)", to: "y = LogSoftmax<axis = 1>(x)", opset: 11),
    .keeps("s = Softmax(x); y = Log(s); z = Neg(s)", because: "the Softmax is read twice"),
    .keeps("s = Softmax(x); y = Exp(s)", because: "there is no logarithm"),
    .keeps("s = Sigmoid(x); y = Log(s)", because: "it is another function"),
  ]
}
