import PassPipeline
import Rewriting
import TensorCore

/// Gathers each half on its own instead of gathering all and splitting it: nothing is copied twice.
///
/// Legal where the indices are constant. Done for two parts, which are as many nodes as before, where nothing else
/// reads what is gathered.
struct GatherPartsAtOnce: RewriteRule {
  static let summary = "Split(Gather(x, i ‖ j)) → Gather(x, i), Gather(x, j)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), indices = Constant("indices"), sizes = Variadic("sizes")
    let gather = Capture("gather").exclusive, split = Capture("split")

    Op.Split(Op.Gather(x, indices, as: gather), sizes, as: split) => { m -> [Term] in
      try m.require(m[indices].rank == 1 && m[indices].elementCount <= 4096, "the indices are no list")
      let outputs = try m[split].outputs
      try m.require(outputs.count == 2, "there are not two parts")
      let rank = try m.rank(of: x)
      let axes = try [m[gather], m[split]].map { try m.normalized([$0.int("axis")], rank: rank) }
      try m.require(axes[0] == axes[1], "another axis is split")
      let all = try m[indices].integers()
      let size = try m.unwrap(m.model.shape(of: outputs[0])?[axes[0][0]].fixedSize, "the sizes are unknown")
      try m.require(size >= 0 && size <= all.count, "the parts do not fit")
      return try [all.prefix(size), all.dropFirst(size)].map { part in
        try Op.Gather(x, Tensor(int64: Array(part)), attributes: m[gather].attributes)
      }
    }
  }

  static let given = """
    float[N, 4, 5] x; const int64[4] shuffled = {0, 2, 1, 3}; const int64[2] halves = {2, 2}; const int64[2] odd = {1, 3}; \
    int64[4] computed in 0...3; const int64[2, 2] square = {0, 2, 1, 3}
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Gather<axis = 1>(x, shuffled); y, z = Split<axis = 1>(h, halves)",
      to: "y = Gather<axis = 1>(x, {0, 2}); z = Gather<axis = 1>(x, {1, 3})"),
    .rewrites(
      "h = Gather<axis = 1>(x, shuffled); y, z = Split<axis = -2>(h, odd)",
      to: "y = Gather<axis = 1>(x, {0}); z = Gather<axis = 1>(x, {2, 1, 3})"),
    .keeps(
      "h = Gather<axis = 1>(x, shuffled); y, z = Split<axis = 2>(h, {2, 3})", because: "another axis is split"
    ),
    .keeps(
      "h = Gather<axis = 1>(x, shuffled); y, z, w = Split<axis = 1>(h, {1, 1, 2})",
      because: "more nodes would remain"),
    .keeps(
      "h = Gather<axis = 1>(x, shuffled); y, z = Split<axis = 1>(h, halves); w = Relu(h)",
      because: "others read what is gathered"),
    .keeps(
      "h = Gather<axis = 1>(x, computed); y, z = Split<axis = 1>(h, halves)",
      because: "the indices are computed"),
    .keeps(
      "h = Gather<axis = 1>(x, square); y, z = Split<axis = 1>(h, {1, 1})",
      because: "the indices have two axes"),
  ]
}
