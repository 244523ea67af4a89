import PassPipeline
import Rewriting
import TensorCore

/// Removes `Expand` to the shape that the input has already.
///
/// Legal where inference knows both shapes to be equal, or where the constant target is all ones and has no
/// more axes than the input: ones ask for nothing.
struct EliminateNopExpand: RewriteRule {
  static let summary = "Expand(x, shape) → x, where x has the shape already"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), target = Var("target"), expand = Capture("expand")
    Op.Expand(x, target, as: expand) => { m in
      try m.require(
        m.outputHasShape(of: x, expand) || m.isAllOnes(m[expand], within: x), "the shape may change")
      return x
    }
  }

  static let given = """
    float[N, 4] x; float[1, 4] row; const int64[2] ones = {1, 1}; const int64[1] four = {4}; \
    const int64[2] rows = {3, 4}; const int64[3] deeper = {1, 1, 1}
    """

  static let examples: [Example] = [
    .rewrites("h = Expand(x, ones); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Expand(x, four); y = Relu(h)", to: "y = Relu(x)"),
    .keeps("h = Expand(row, rows); y = Relu(h)", because: "the shape changes"),
    .keeps("h = Expand(x, deeper); y = Relu(h)", because: "an axis is added"),
  ]
}

extension Match {
  fileprivate func isAllOnes(_ expand: NodeView, within variable: Var) throws -> Bool {
    guard let target = try expand.optionalInts("shape") else { return false }
    return try target.allSatisfy { $0 == 1 } && target.count <= rank(of: variable)
  }
}
