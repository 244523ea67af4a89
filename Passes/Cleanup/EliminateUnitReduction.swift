import PassPipeline
import Rewriting
import TensorCore

/// Leaves out a reduction of axes of size 1: the sum, mean, product, greatest or least of one number is the number.
/// Where the axes go, they are squeezed.
///
/// Rounding: a sum that begins at 0 turns −0 into 0; without it −0 stays. NaN and infinities stay what they are.
struct EliminateUnitReduction: RewriteRule {
  static let summary = "ReduceSum(x) over axes of size 1 → Squeeze(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), parameters = Variadic("parameters"), node = Capture("node")
    for op in [Op.ReduceSum, Op.ReduceMean, Op.ReduceMax, Op.ReduceMin, Op.ReduceProd] {
      op(x, parameters, as: node) => { m -> Term in
        let shape = try m.shape(of: x)
        let given = try m[node].optionalInts("axes") ?? []
        if given.isEmpty, try m[node].has("noop_with_empty_axes"),
          try m[node].int("noop_with_empty_axes") != 0
        {
          return x.term
        }
        let axes = try given.isEmpty ? Array(0..<shape.rank) : m.normalized(given, rank: shape.rank)
        try m.require(axes.allSatisfy { shape[$0] == .fixed(1) }, "several numbers are reduced")
        if try m[node].int("keepdims") != 0 || axes.isEmpty { return x.term }
        return try Op.Squeeze(x, Tensor(int64: axes.sorted()))
      }
    }
  }

  static let given =
    "float[N, 1, 4, 1] x; const int64[1] one = {1}; const int64[2] both = {-1, 1}; const int64[1] two = {2}"

  static let examples: [Example] = [
    .rewrites("h = ReduceMean(x, both); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("y = ReduceSum<keepdims = 0>(x, both)", to: "y = Squeeze(x, {1, 3})"),
    .rewrites("h = ReduceMax<axes = [1], keepdims = 1>(x); y = Relu(h)", to: "y = Relu(x)", opset: 13),
    .keeps("y = ReduceSum(x, two)", because: "several numbers are reduced"),
    .keeps("y = ReduceSum(x)", because: "several numbers are reduced"),
    .keeps("y = ReduceL2(x, one)", because: "it drops the sign"),
  ]
}
