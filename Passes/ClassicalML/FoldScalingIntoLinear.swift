import GraphIR
import PassPipeline
import Rewriting

/// Folds the scaling of a table's columns into the linear model that reads it: with y = f·x + s, W·y + b is
/// (W·f)·x + (b + W·s).
///
/// Legal for `Scaler`, `Add`, `Sub`, `Mul` and `Div` with constants on float32 tables [N, columns] that nothing but a
/// `LinearRegressor` or `LinearClassifier` reads, where all new coefficients are finite and no column is shifted by
/// more than 32: then its numbers lie so close together that scores would lose digits that the scaling keeps.
///
/// Rounding: coefficients are rounded once. NaN and infinities reach the scores that they reached, except that 0 · ∞ is
/// NaN where the one or the other coefficient is 0. Numbers that overflow only when they are scaled no longer do, and the
/// other way round.
struct FoldScalingIntoLinear: Pass {
  static let summary =
    "LinearRegressor(Scaler(x)) → LinearRegressor′(x), also LinearClassifier, Add, Sub, Mul and Div"
  static let exactness = Exactness.rounding

  func run(on model: inout Model, in context: inout PassContext) throws {
    let linear = model.allNodes.filter { Self.operators.contains(model.operatorName(of: $0)) }
    model.foldScalings(into: linear, as: Self.name, attributes: Self.attributes)
  }

  private static let operators = ["LinearClassifier", "LinearRegressor"].map {
    OperatorName($0, domain: "ai.onnx.ml")
  }

  private static func attributes(
    of node: NodeID, reading scaling: ColumnScaling, in model: Model
  ) -> [Attribute]? {
    guard let columns = scaling.width, let linear = LinearScores(node, columns, in: model),
      let lines = scaling.gentleLines(columns: columns), let scaled = linear.reading(lines)
    else { return nil }
    return model.attributes(of: node)
      .setting("coefficients", to: .floats(scaled.coefficients))
      .setting("intercepts", to: .floats(scaled.intercepts))
  }

  static let given = """
    float[N, 2] x; const float[2] c = {3, 0.7}; const float[1, 2] d = {0.3, -1.9}; double[N, 2] exact; float[N, M] wide
    """

  private static let scaler = "\"ai.onnx.ml\".Scaler<offset = [0.5, 3.0], scale = [0.5, 2.0]>"
  private static func regressor(_ input: String, _ coefficients: String, _ intercepts: String) -> String {
    "y = \"ai.onnx.ml\".LinearRegressor<coefficients = [\(coefficients)], intercepts = [\(intercepts)]>(\(input))"
  }

  static let examples: [Example] = [
    .rewrites(
      "h = \(scaler)(x); " + regressor("h", "3.0, 4.0", "5.0"), to: regressor("x", "1.5, 8.0", "-19.75")),
    .rewrites(
      "h = Mul(x, 2.0); k = Add(h, 3.0); " + regressor("k", "3.0, 4.0", "5.0"),
      to: regressor("x", "6.0, 8.0", "26.0")),
    .rewrites(
      """
      h = \(scaler)(x); l, y = "ai.onnx.ml".LinearClassifier<coefficients = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], \
      intercepts = [1.0, 2.0, 3.0], classlabels_ints = [4, 5, 6], post_transform = "SOFTMAX">(h)
      """,
      to: """
        l, y = "ai.onnx.ml".LinearClassifier<coefficients = [0.5, 4.0, 1.5, 8.0, 2.5, 12.0], \
        intercepts = [-11.25, -22.75, -34.25], classlabels_ints = [4, 5, 6], post_transform = "SOFTMAX">(x)
        """),
    .keeps(
      "h = \"ai.onnx.ml\".Scaler<offset = [1000.0, 0.0], scale = [1.0, 1.0]>(x); "
        + regressor("h", "3.0, 4.0", "5.0"),
      because: "numbers around 1000 would cancel"),
    .keeps(
      "h = \(scaler)(x); z = Neg(h); " + regressor("h", "3.0, 4.0", "5.0"), because: "the table is read twice"
    ),
    .keeps(
      "h = \(scaler)(exact); " + regressor("h", "3.0, 4.0", "5.0"), because: "doubles are scaled as such"),
    .keeps("h = Mul(wide, 2.0); " + regressor("h", "3.0, 4.0", "5.0"), because: "the columns are unknown"),
  ]
}
