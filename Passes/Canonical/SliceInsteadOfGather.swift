import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Slices an axis instead of parting it to take one part: entry i of k parts of size s is the range from i·s on.
///
/// Legal where the sizes are known, and profitable where nothing else reads the parted value. Slices that tile an
/// axis become a `Split` (`SplitTilingSlices`).
struct SliceInsteadOfGather: RewriteRule {
  static let summary = "Gather(Reshape(x, […, k, s, …]), i) → Slice(x, i·s, (i + 1)·s)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), target = Constant("target"), index = Constant("index")
    let reshape = Capture("reshape"), gather = Capture("gather")

    Op.Gather(Op.Reshape(x, target, as: reshape), index, as: gather) => { m in
      let shape = try m.shape(of: x)
      let parted = try m.unwrap(m[reshape].outputShape, "the shape is unknown")
      let axis = try m.unwrap(parted.normalizedAxis(m[gather].int("axis")), "there is no such axis")
      try m.require(m[index].rank == 0, "several are taken")
      try m.require(parted.parts(shape, at: axis), "the axis is no part of one axis")
      let sizes = try m.unwrap(Self.sizes(parted, axis), "a size is unknown")
      try m.require(m.areTaken(m[reshape].output, along: axis, rank: parted.rank), "others read the parts")
      let given = try m.unwrap(m[index].integers().first, "the index is no number")
      let entry = given < 0 ? given + sizes.count : given
      try m.require(entry >= 0 && entry < sizes.count, "the index is out of range")
      let start = try m.product(entry, sizes.size)
      return try Op.Slice(
        x, Tensor(int64: [start]), Tensor(int64: [m.sum(start, sizes.size)]), Tensor(int64: [axis]))
    }
  }

  private static func sizes(_ parted: Shape, _ axis: Int) -> (count: Int, size: Int)? {
    guard let count = parted[axis].fixedSize, let size = parted[axis + 1].fixedSize else { return nil }
    return (count: count, size: size)
  }

  static let given = """
    float[N, 3, 6] x; float[N, M] m; const int64 one = 1; const int64 last = -1; const int64[2] both = {0, 1}; \
    const int64[4] parts = {0, 3, 2, 3}; const int64[3] other = {-1, 2, 3}
    """

  static let examples: [Example] = [
    .rewrites("h = Reshape(x, parts); y = Gather<axis = 2>(h, one)", to: "y = Slice(x, {3}, {6}, {2})"),
    .rewrites("h = Reshape(x, parts); y = Gather<axis = -2>(h, last)", to: "y = Slice(x, {3}, {6}, {2})"),
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
    guard rank == whole.rank + 1, axis + 1 < rank else { return false }
    let joined = Shape(dimensions[..<axis] + [self[axis] * self[axis + 1]] + dimensions[(axis + 2)...])
    return joined.isKnownEqual(to: whole)
  }
}

extension Match {
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
