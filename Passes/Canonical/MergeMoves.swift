import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Moves elements once where `Reshape`, `Transpose`, `Gather`, `Slice` and `Expand` move them one after the other, and
/// whole blocks of them stay together: which block goes where is one constant list of indices. So become
///
/// 1. a channel shuffle (`Reshape`, `Transpose`, `Reshape`) one `Gather`,
/// 2. keys and values that are repeated for several heads (`Unsqueeze`, `Expand`, `Reshape`) one `Gather`,
/// 3. rolled images that are parted into windows (two `Gather`, `Reshape`, `Transpose`, `Reshape`), or put together
///    from windows, `Reshape`, `Gather`, `Reshape`,
/// 4. moves that cancel each other a `Reshape`, or nothing.
///
/// Legal where sizes of the axes that change places are known. Done where fewer nodes remain, blocks have at least 16
/// elements as far as sizes are known, and not more than 4,096 indices are needed.
struct MergeMoves: RewriteRule {
  static let summary = "Reshape(Transpose(Reshape(x))) → Gather(x, indices), where blocks of elements move"
  static let exactness = Exactness.bitwise

  private static let longestChain = 12
  private static let smallestBlock = 16

  var body: [Rewrite] {
    let x = Var("x"), rest = Variadic("rest"), last = Capture("last")
    for op in [Op.Reshape, Op.Transpose, Op.Gather, Op.Slice] {
      op(x, rest, as: last) => { m in
        var chain = try m.chain(to: m[last], atMost: Self.longestChain)
        while chain.count > 1 {
          if let merged = try? m.merged(chain) { return merged }
          chain.removeFirst()
        }
        throw MatchFailure("no moves before it merge")
      }
    }
  }

  static let given = """
    float[N, 8, 5, 7] x; float[N, 4, S, 16] keys; float[N, 6, 6, 16] image; float[N, 6, 6, 3] pixels; float[N, C, 5, 7] any; \
    const int64[5] groups = {0, 2, 4, 5, 7}; const int64[4] together = {0, 8, 5, 7}; const int64[1] two = {2}; \
    const int64[5] twice = {1, 1, 2, 1, 1}; const int64[4] heads = {0, 8, -1, 16}; \
    const int64[6] roll = {2, 3, 4, 5, 0, 1}; const int64[6] back = {4, 5, 0, 1, 2, 3}; \
    const int64[6] parts = {0, 2, 3, 2, 3, 16}; const int64[3] windows = {-1, 9, 16}; \
    const int64[4] whole = {0, 6, 6, 16}; const int64[6] few = {0, 2, 3, 2, 3, 3}; const int64[3] rows = {-1, 9, 3}; \
    const int64[5] half = {0, 2, -1, 5, 7}; const int64[4] flat = {0, -1, 5, 7}
    """

  static let examples: [Example] = [
    .rewrites(
      "g = Reshape(x, groups); t = Transpose<perm = [0, 2, 1, 3, 4]>(g); y = Reshape(t, together)",
      to: "y = Gather<axis = 1>(x, {0, 4, 1, 5, 2, 6, 3, 7})"),
    .rewrites(
      "u = Unsqueeze(keys, two); e = Expand(u, twice); y = Reshape(e, heads)",
      to: "y = Gather<axis = 1>(keys, {0, 0, 1, 1, 2, 2, 3, 3})"),
    .rewrites(
      """
      r = Gather<axis = 1>(image, roll); c = Gather<axis = 2>(r, roll); p = Reshape(c, parts); \
      t = Transpose<perm = [0, 1, 3, 2, 4, 5]>(p); y = Reshape(t, windows)
      """,
      to: """
        p = Reshape(image, {0, 36, 16}); g = Gather<axis = 1>(p, int64[36] {14, 15, 16, 20, 21, 22, 26, 27, 28, \
        17, 12, 13, 23, 18, 19, 29, 24, 25, 32, 33, 34, 2, 3, 4, 8, 9, 10, 35, 30, 31, 5, 0, 1, 11, 6, 7}); \
        y = Reshape(g, windows)
        """),
    .rewrites(
      "a = Gather<axis = 1>(image, roll); b = Gather<axis = 1>(a, back); y = Relu(b)", to: "y = Relu(image)"),
    .rewrites(
      """
      p = Reshape(image, parts); t = Transpose<perm = [0, 1, 3, 2, 4, 5]>(p); \
      b = Transpose<perm = [0, 1, 3, 2, 4, 5]>(t); y = Reshape(b, whole)
      """, to: "p = Reshape(image, parts); y = Reshape(p, whole)"),
    .keeps(
      "g = Reshape(any, half); t = Transpose<perm = [0, 2, 1, 3, 4]>(g); y = Reshape(t, flat)",
      because: "the number of channels is unknown", execution: .skipped),
    .keeps(
      """
      r = Gather<axis = 1>(pixels, roll); c = Gather<axis = 2>(r, roll); p = Reshape(c, few); \
      t = Transpose<perm = [0, 1, 3, 2, 4, 5]>(p); y = Reshape(t, rows)
      """, because: "blocks have three elements"),
    .keeps(
      "p = Reshape(image, parts); t = Transpose<perm = [0, 1, 3, 2, 4, 5]>(p); y = Reshape(t, windows)",
      because: "as many nodes would remain"),
    .keeps(
      "g = Reshape(x, groups); t = Transpose<perm = [0, 2, 1, 3, 4]>(g); y = Reshape(t, together); z = Relu(t)",
      because: "others read what lies between"),
    .keeps(
      "u = Unsqueeze(keys, two); e = Expand(u, {2, 1, 1, 1, 1, 1}); y = Reshape(e, {-1, 16})",
      because: "there is a new axis"),
  ]
}

extension Match {
  /// The moves that lead to `last`, from the source on; nothing else reads what lies between.
  fileprivate func chain(to last: NodeView, atMost limit: Int) throws -> [MovingNode] {
    guard var node = try elementMove(of: last) else { return [] }
    var chain = [node]
    while chain.count < limit, model.hasOneUse(node.source), let producer = producer(of: node.source),
      let before = try elementMove(of: producer)
    {
      chain.insert(before, at: 0)
      node = before
    }
    return chain
  }

  /// Fewer nodes that do what the chain does.
  fileprivate func merged(_ chain: [MovingNode]) throws -> Term {
    let source = chain[0].source, input = chain[0].input, output = chain[chain.count - 1].output
    let moves = try unwrap(ElementMoves(chain), "the moves have no blocks in common")
    if moves.isIdentity { return try reshaped(source.term, input, to: output) }
    try require(MergeMoves.isLarge(chain), "the blocks are small")
    let axes = input.axes(between: moves.outer, and: moves.block) ?? 0..<0
    let parted = Shape([moves.outer, .fixed(moves.count), moves.block])
    let (shape, axis) = axes.count == 1 ? (input, axes.lowerBound) : (parted, 1)
    var selected = shape
    selected.dimensions[axis] = .fixed(moves.indices.count)
    let reshapes = [shape.isKnownEqual(to: input), selected.isKnownEqual(to: output)].count { !$0 }
    try require(reshapes + 1 < chain.count, "as many nodes would remain")
    let blocks = try reshaped(source.term, input, to: shape)
    return try reshaped(selection(moves.indices, of: blocks, along: axis), selected, to: output)
  }

  private func reshaped(_ term: Term, _ shape: Shape, to result: Shape) throws -> Term {
    if shape.isKnownEqual(to: result) { return term }
    return try Op.Reshape(term, Tensor(int64: reshapeEntries(for: result, from: shape)))
  }
}

extension MergeMoves {
  /// Whether the axes after those that change have at least so many elements, as far as their sizes are known.
  fileprivate static func isLarge(_ chain: [MovingNode]) -> Bool {
    chain.allSatisfy { node in
      guard !node.move.axes.isEmpty else { return true }
      let rest = node.input.dimensions[node.move.axes.upperBound...]
      if rest.contains(where: { $0.fixedSize == nil }) { return true }
      var size = 1
      for factor in rest.compactMap(\.fixedSize) where size < smallestBlock {
        size *= max(0, min(factor, smallestBlock))
      }
      return size >= smallestBlock
    }
  }
}
