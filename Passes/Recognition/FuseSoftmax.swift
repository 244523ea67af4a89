import PassPipeline
import Rewriting
import TensorCore

/// Recognizes `Softmax`: exponentials divided by their sum, with the greatest x subtracted before or not.
///
/// Legal where sum and maximum are over the same one axis and keep it; before operator set 13, where `Softmax` is over
/// all axes from `axis` on, where that is the last one. The parts that others read stay; it refuses where none
/// would go.
///
/// Rounding: in another order. Without the maximum, exponentials overflow from about x = 88 on and the parts give
/// NaN or 0, which `Softmax` does not; and a row far below 0 sums to 0 in the parts and gives NaN. A row that has NaN
/// or ∞ is NaN throughout in `Softmax`.
struct FuseSoftmax: RewriteRule {
  static let summary = "Exp(x − ReduceMax(x)) / ReduceSum(Exp(x − ReduceMax(x))) → Softmax(x)"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x"), sum = Capture("sum"), maximum = Capture("maximum")
    let axes = Variadic("axes"), others = Variadic("others")
    let difference = Op.Sub(x, Op.ReduceMax(x, others, as: maximum))

    for exponential in [Op.Exp(difference), Op.Exp(x)] {
      let rewrite =
        Op.Div(exponential, Op.ReduceSum(exponential, axes, as: sum)) => { m in
          let rank = try m.rank(of: x)
          let axis = try m.onlyAxis(of: sum, rank: rank)
          if m.contains(maximum) {
            try m.require(
              m.onlyAxis(of: maximum, rank: rank) == axis, "sum and maximum are over different axes")
          }
          try m.require(m.opset >= 13 || axis == rank - 1, "Softmax would be over several axes")
          // Axes count from the end from version 11 on.
          return Op.Softmax(x, attributes: ["axis": AttributeLiteral(m.opset >= 11 ? axis - rank : axis)])
        }
      rewrite.shrinking
    }
  }

  static let given = "float[2, 3, 4] x"

  static let examples: [Example] = [
    .rewrites(
      "m = ReduceMax(x, {-1}); d = Sub(x, m); e = Exp(d); s = ReduceSum(e, {2}); y = Div(e, s)",
      to: "y = Softmax<axis = -1>(x)"),
    .rewrites("e = Exp(x); s = ReduceSum(e, {1}); y = Div(e, s)", to: "y = Softmax<axis = -2>(x)"),
    .rewrites(
      "m = ReduceMax(x, {1}); d = Sub(x, m); e = Exp(d); s = ReduceSum(e, {2}); y = Div(e, s)",
      to: "m = ReduceMax(x, {1}); d = Sub(x, m); y = Softmax<axis = -1>(d)"),
    .rewrites(
      "e = Exp(x); s = ReduceSum<axes = [2]>(e); y = Div(e, s)", to: "y = Softmax<axis = 2>(x)", opset: 10),
    .keeps("e = Exp(x); s = ReduceSum(e, {1}); y = Div(e, s); z = Neg(s)", because: "the sum is read twice"),
    .keeps("e = Exp(x); s = ReduceSum(e, {1, 2}); y = Div(e, s)", because: "the sum is over two axes"),
    .keeps("e = Exp(x); s = ReduceSum(e, {2}); y = Div(s, e)", because: "the sum is divided"),
    .keeps(
      "e = Exp(x); s = ReduceSum<axes = [1]>(e); y = Div(e, s)", because: "Softmax would be over two axes",
      opset: 12),
  ]
}

extension Match {
  /// The axis that `reduction` reduces and keeps, counted from the front.
  fileprivate func onlyAxis(of reduction: Capture, rank: Int) throws -> Int {
    let node = try self[reduction]
    try require(node.int("keepdims") == 1, "the reduction drops its axis")
    let axes = try normalized(try node.optionalInts("axes") ?? [], rank: rank)
    try require(axes.count == 1, "the reduction is over \(axes.count) axes")
    return axes[0]
  }
}
