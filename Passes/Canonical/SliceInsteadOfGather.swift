import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Slices an axis instead of parting it to take one part: entry i of k parts of size s is the range from i·s on. A
/// `Transpose` between keeps the axis whole: so queries, keys and values are taken from one product.
///
/// Legal where the sizes are known, and profitable where nothing else reads the parted value. Slices that tile an
/// axis become a `Split` (`SplitTilingSlices`).
struct SliceInsteadOfGather: RewriteRule {
  static let summary = "Gather(Reshape(x, […, k, s, …]), i) → Slice(x, i·s, (i + 1)·s)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), target = Constant("target"), index = Constant("index")
    let reshape = Capture("reshape"), transpose = Capture("transpose"), gather = Capture("gather")

    Op.Gather(Op.Reshape(x, target, as: reshape), index, as: gather) => { m in
      let shape = try m.shape(of: x)
      let parted = try m.unwrap(m[reshape].outputShape, "the shape is unknown")
      let axis = try m.unwrap(parted.normalizedAxis(m[gather].int("axis")), "there is no such axis")
      try m.require(parted.parts(shape, at: axis), "the axis is no part of one axis")
      try m.require(m.areTaken(m[reshape].output, along: axis, rank: parted.rank), "others read the parts")
      return try m.slice(of: x, along: axis, part: m.entry(index, of: parted, at: axis))
    }
    Op.Gather(Op.Transpose(Op.Reshape(x, target, as: reshape), as: transpose), index, as: gather) => { m in
      let parted = try m.unwrap(m[reshape].outputShape, "the shape is unknown")
      var order = try m.unwrap(m[transpose].permutation(), "all axes are reversed")
      try m.require(
        order.count == parted.rank && m.model.hasOneUse(m[reshape].output), "others read the parts")
      let position = try m.normalized([m[gather].int("axis")], rank: parted.rank)[0]
      try m.require(
        m.areTaken(m[transpose].output, along: position, rank: parted.rank), "others read the parts")
      let axis = order.remove(at: position)
      let entry = try m.entry(index, of: parted, at: axis)
      order = order.map { $0 > axis ? $0 - 1 : $0 }
      let whole = parted.joining(axis)
      let joined = try Op.Reshape(x, Tensor(int64: m.reshapeEntries(for: whole, from: m.shape(of: x))))
      let turned = Op.Transpose(joined, attributes: ["perm": AttributeLiteral(order)])
      return try m.slice(
        of: turned, along: m.unwrap(order.firstIndex(of: axis), "there is no such axis"), part: entry)
    }
  }

  static let given = """
    float[N, 3, 6] x; float[N, M] m; const int64 one = 1; const int64 last = -1; const int64[2] both = {0, 1}; \
    const int64[4] parts = {0, 3, 2, 3}; const int64[3] other = {-1, 2, 3}; \
    float[N, 5, 12] qkv; const int64[5] heads = {0, 5, 3, 2, 2}
    """

  static let examples: [Example] = [
    .rewrites("h = Reshape(x, parts); y = Gather<axis = 2>(h, one)", to: "y = Slice(x, {3}, {6}, {2})"),
    .rewrites("h = Reshape(x, parts); y = Gather<axis = -2>(h, last)", to: "y = Slice(x, {3}, {6}, {2})"),
    .rewrites(
      "h = Reshape(qkv, heads); t = Transpose<perm = [2, 0, 3, 1, 4]>(h); y = Gather(t, one)",
      to: "h = Reshape(qkv, {0, 5, 6, 2}); t = Transpose<perm = [0, 2, 1, 3]>(h); y = Slice(t, {2}, {4}, {1})"
    ),
    .keeps(
      "h = Reshape(qkv, heads); t = Transpose<perm = [2, 0, 3, 1, 4]>(h); y = Gather(t, one); z = Relu(t)",
      because: "others read the parts"),
    .keeps(
      "h = Reshape(qkv, heads); t = Transpose<perm = [4, 0, 3, 1, 2]>(h); y = Gather(t, one)",
      because: "the entries lie apart"),
    .keeps("h = Reshape(x, parts); y = Gather<axis = 2>(h, both)", because: "several are taken"),
    .keeps("h = Reshape(x, parts); y = Gather<axis = 3>(h, one)", because: "they lie apart"),
    .keeps(
      "h = Reshape(x, parts); y = Gather<axis = 2>(h, one); z = Relu(h)", because: "others read the parts"),
    .keeps("h = Reshape(x, other); y = Gather<axis = 1>(h, one)", because: "an axis goes across"),
  ]
}

extension Shape {
  /// Whether this is `whole` with the axis at `axis` in two.
  fileprivate func parts(_ whole: Shape, at axis: Int) -> Bool {
    rank == whole.rank + 1 && axis + 1 < rank && joining(axis).isKnownEqual(to: whole)
  }

  /// The axis and the next one as one.
  fileprivate func joining(_ axis: Int) -> Shape {
    Shape(dimensions[..<axis] + [self[axis] * self[axis + 1]] + dimensions[(axis + 2)...])
  }
}

/// A range along an axis.
private struct TakenRange {
  var start: Int
  var end: Int
}

extension Match {
  /// What the entry takes of the axis that this axis and the next one part.
  fileprivate func entry(_ index: Constant, of parted: Shape, at axis: Int) throws -> TakenRange {
    try require(self[index].rank == 0, "several are taken")
    try require(axis + 1 < parted.rank, "the entries lie apart")
    let count = try unwrap(parted[axis].fixedSize, "a size is unknown")
    let size = try unwrap(parted[axis + 1].fixedSize, "a size is unknown")
    let given = try unwrap(self[index].integers().first, "the index is no number")
    let entry = given < 0 ? try sum(given, count) : given
    try require(entry >= 0 && entry < count && size > 0, "the index is out of range")
    let start = try product(entry, size)
    return TakenRange(start: start, end: try sum(start, size))
  }

  fileprivate func slice(of source: some TermConvertible, along axis: Int, part: TakenRange) throws -> Term {
    try Op.Slice(
      source, Tensor(int64: [part.start]), Tensor(int64: [part.end]), Tensor(int64: [axis]))
  }

  /// Whether all readers take one entry along the axis.
  fileprivate func areTaken(_ value: ValueID, along axis: Int, rank: Int) -> Bool {
    !model.isGraphOutput(value)
      && model.users(of: value).allSatisfy { user in
        guard model.operatorName(of: user) == OperatorName("Gather"),
          model.graph(of: user) == model.graph(of: root),
          let index = model.input(1, of: user).flatMap({ model.constant($0) }), index.rank == 0
        else { return false }
        let given = model.attribute("axis", of: user)?.int ?? 0
        return (given < 0 ? given + rank : given) == axis
      }
  }
}
