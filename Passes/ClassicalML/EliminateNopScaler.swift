import PassPipeline
import Rewriting

/// Removes a `Scaler` that subtracts 0 from float32 and multiplies by 1. The offset −0 would make 0 of −0.
struct EliminateNopScaler: RewriteRule {
  static let summary = "Scaler(x) → x, where it subtracts 0 and multiplies by 1"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), scaler = Capture("scaler")
    Op.named("Scaler", domain: "ai.onnx.ml")(x, as: scaler) => { m in
      let node = try m[scaler]
      let lists = try ["offset", "scale"].map { try node.floats($0) }
      try m.require(
        lists[0].allSatisfy { $0.bitPattern == 0 } && lists[1].allSatisfy { $0 == 1 }, "it scales")
      try m.require(m.elementType(of: x) == .float32, "it converts to float32")
      try m.require(
        lists.allSatisfy { !$0.isEmpty } && lists[0].count == lists[1].count, "the lists do not fit")
      let columns = try m.shape(of: x).dimensions.last
      try m.require(lists[0].count == 1 || columns == .fixed(lists[0].count), "the lists do not fit")
      return x
    }
  }

  static let given = "float[N, 2] x; double[N, 2] z"

  private static func scaler(_ offset: String, _ scale: String, _ input: String = "x") -> String {
    "h = \"ai.onnx.ml\".Scaler<offset = [\(offset)], scale = [\(scale)]>(\(input)); y = Neg(h)"
  }

  static let examples: [Example] = [
    .rewrites(scaler("0.0, 0.0", "1.0, 1.0"), to: "y = Neg(x)"),
    .rewrites(scaler("0.0", "1.0"), to: "y = Neg(x)"),
    .keeps(scaler("0.0, 0.0", "1.0, 2.0"), because: "a column is scaled"),
    .keeps(scaler("0.0, -0.0", "1.0, 1.0"), because: "−0 + 0 is 0"),
    .keeps(scaler("0.0, 0.0", "1.0, 1.0", "z"), because: "doubles become floats"),
  ]
}
