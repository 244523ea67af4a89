import PassPipeline
import Rewriting
import TensorCore

/// Takes an entry of a value before its axes change places, where the other axes keep their order: then they
/// need not change places at all.
struct GatherBeforeTranspose: RewriteRule {
  static let summary = "Gather(Transpose(x, p), i, axis) → Gather(x, i, p[axis])"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), index = Constant("index"), transpose = Capture("transpose"), gather = Capture("gather")

    Op.Gather(Op.Transpose(x, as: transpose), index, as: gather) => { m in
      try m.require(m[index].rank == 0, "several are taken")
      let order = try m.unwrap(m[transpose].permutation(), "all axes are reversed")
      let axis = try m.normalized([m[gather].int("axis")], rank: order.count)[0]
      var rest = order
      rest.remove(at: axis)
      try m.require(rest == rest.sorted(), "the other axes change places")
      return Op.Gather(x, index, attributes: ["axis": AttributeLiteral(order[axis])])
    }
  }

  static let given =
    "float[N, 4, 3] x; const int64 one = 1; const int64[2] both = {0, 1}; int64 v in 0...2"

  static let examples: [Example] = [
    .rewrites("h = Transpose<perm = [2, 0, 1]>(x); y = Gather(h, one)", to: "y = Gather<axis = 2>(x, one)"),
    .rewrites(
      "h = Transpose<perm = [0, 2, 1]>(x); y = Gather<axis = -1>(h, one); z = Relu(h)",
      to: "h = Transpose<perm = [0, 2, 1]>(x); y = Gather<axis = 1>(x, one); z = Relu(h)"),
    .keeps("h = Transpose<perm = [2, 1, 0]>(x); y = Gather(h, one)", because: "the other axes change places"),
    .keeps("h = Transpose<perm = [2, 0, 1]>(x); y = Gather(h, both)", because: "several are taken"),
    .keeps(
      "h = Transpose<perm = [2, 0, 1]>(x); y = Gather<axis = 1>(h, one)", because: "others change places"),
  ]
}
