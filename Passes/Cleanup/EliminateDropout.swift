import PassPipeline
import Rewriting

/// Removes `Dropout` where it does nothing: in inference.
///
/// That is, by version of the operator set: from 12 on where `training_mode` is left out or a constant false,
/// from 7 to 11 always, before where `is_test` is set. The mask must not be read.
struct EliminateDropout: RewriteRule {
  static let summary = "Dropout(x) → x, in inference"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), parameters = Variadic("parameters"), dropout = Capture("dropout")
    Op.Dropout(x, parameters, as: dropout) => { m in
      try m.require(m.model.isInferenceDropout(m[dropout].node), "dropout takes place in training")
      return x
    }
  }

  static let given =
    "float[N, 4] x; const float r = {0.5}; const bool off = {0}; const bool on = {1}; bool flag"

  static let examples: [Example] = [
    .rewrites("h = Dropout(x); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Dropout(x, r, off); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h, mask = Dropout(x, r); y = Relu(h); return y", to: "y = Relu(x)"),
    .rewrites("h = Dropout<ratio = 0.5>(x); y = Relu(h)", to: "y = Relu(x)", opset: 11),
    .rewrites("h = Dropout<is_test = 1>(x); y = Relu(h)", to: "y = Relu(x)", opset: 6, execution: .skipped),
    .keeps(
      "h = Dropout(x, r, on); y = Relu(h)", because: "dropout takes place in training", execution: .skipped),
    .keeps(
      "h = Dropout(x, r, flag); y = Relu(h)", because: "whether it is training is computed",
      execution: .skipped),
    .keeps(
      "h = Dropout(x); y = Relu(h)", because: "in version 6 training is the default", opset: 6,
      execution: .skipped),
    .keeps("h, mask = Dropout(x); y = Relu(h)", because: "the mask is a result"),
  ]
}
