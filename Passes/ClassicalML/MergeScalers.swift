import GraphAnalysis
import PassPipeline
import Rewriting

/// Scales once instead of twice: ((x − o) · s − p) · t is (x − (o + p/s)) · (s·t). What follows a `Scaler` may also be an
/// `Add`, `Sub`, `Mul` or `Div` with a constant for each column or for all.
///
/// Legal for float32 tables [N, columns] that nothing else reads between, where no factor of the `Scaler` is 0 and all new
/// numbers are finite. Not before trees: a threshold may be as close to a number as rounding goes.
///
/// Rounding: offsets and scales are rounded once. NaN stays NaN and infinities stay infinite; a column whose numbers all
/// lie close to the second offset only loses digits as it does when it is scaled twice.
struct MergeScalers: RewriteRule {
  static let summary = "Scaler(Scaler(x)) → Scaler(x), also Add, Sub, Mul and Div after a Scaler"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), c = Constant("c")
    let inner = Capture("inner").exclusive, outer = Capture("outer")
    let name = Op.named("Scaler", domain: "ai.onnx.ml")
    let scaled = name(x, as: inner)

    for next in [
      name(scaled, as: outer), Op.Add(scaled, c, as: outer).commuting, Op.Sub(scaled, c, as: outer),
      Op.Mul(scaled, c, as: outer).commuting, Op.Div(scaled, c, as: outer),
    ] {
      next => { m in
        let readers = m.model.users(of: try m[outer].output)
        try m.require(
          !readers.contains { TreeEnsembleView.isEnsemble($0, in: m.model) }, "trees would take other sides")
        let scalings = try [inner, outer].map {
          try m.unwrap(
            ColumnScaling(giving: m[$0].output, in: m.model), "the table is no float32 [N, columns]")
        }
        let columns = try m.unwrap(scalings[0].width, "the columns are unknown")
        try m.require(scalings[1].width == columns, "a constant changes the columns")
        let lines = try (0..<(scalings.map(\.listCount).max() ?? 1)).map {
          try m.scaler(of: scalings, column: $0)
        }
        return name(
          x,
          attributes: [
            "offset": AttributeLiteral(.floats(lines.map(\.offset))),
            "scale": AttributeLiteral(.floats(lines.map(\.scale))),
          ])
      }
    }
  }

  static let given = "float[N, 2] x; const float[2] c = {2, 4}; const float[2] e = {0, 1}"

  private static let scaler = "\"ai.onnx.ml\".Scaler<offset = [0.5, 3.0], scale = [0.5, 2.0]>"
  private static func scaled(_ offset: String, _ scale: String) -> String {
    "y = \"ai.onnx.ml\".Scaler<offset = [\(offset)], scale = [\(scale)]>(x)"
  }

  static let examples: [Example] = [
    .rewrites(
      "h = \(scaler)(x); y = \"ai.onnx.ml\".Scaler<offset = [1.0, 2.0], scale = [3.0, 4.0]>(h)",
      to: scaled("2.5, 4.0", "1.5, 8.0")),
    .rewrites("h = \(scaler)(x); y = Mul(c, h)", to: scaled("0.5, 3.0", "1.0, 8.0")),
    .rewrites("h = \(scaler)(x); y = Sub(h, c)", to: scaled("4.5, 5.0", "0.5, 2.0")),
    .keeps(
      "h = \(scaler)(x); k = Mul(h, c); "
        + ExampleTree.regressor([.test(0, "LEQ", 1, .leaf(1), .leaf(2))], of: "k"),
      because: "trees would take other sides"),
    .keeps(
      "h = \(scaler)(x); y = Div(c, h)", because: "the scaled table divides", execution: .allowsNonFinite),
    .keeps("h = \(scaler)(x); y = Mul(h, c); z = Neg(h)", because: "the scaled table is read twice"),
    .keeps(
      "h = \"ai.onnx.ml\".Scaler<offset = [0.5, 3.0], scale = [0.0, 2.0]>(x); y = Add(h, e)",
      because: "a column that is 0 has no offset that makes it another number"),
  ]
}

extension Match {
  /// The offset and the scale of both steps together.
  fileprivate func scaler(
    of steps: [ColumnScaling], column: Int
  ) throws -> (offset: Float, scale: Float) {
    let lines = try steps.map { try unwrap($0.line(ofColumn: column), "a number is not finite") }
    let factor = lines[1].factor * lines[0].factor
    let shift = lines[1].factor * lines[0].shift + lines[1].shift
    try require(factor != 0, "a column is scaled by 0")
    let result = (offset: Float(-shift / factor), scale: Float(factor))
    try require(result.offset.isFinite && result.scale.isNormal, "a number is not finite")
    return result
  }
}
