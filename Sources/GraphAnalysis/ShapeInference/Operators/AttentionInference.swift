import GraphIR
import TensorCore

/// Attention and what belongs to it. Operands are [B, heads, S, D] or, with heads merged, [B, S, heads·D].
enum AttentionInference {
  static let operators: [String: InferenceFunction] = [
    "Attention": attention, "RotaryEmbedding": { $0.same(as: 0) },
  ]

  /// From queries [B, heads, S, D] and values [B, heads, T, Dv] to [B, heads, S, Dv].
  @Sendable static func flexible(_ node: InferenceContext) -> [ValueType?] {
    guard let query = node.shape(0), query.rank == 4 else { return node.result(node.elementType(0), nil) }
    let depth = node.shape(2).flatMap { $0.rank == 4 ? $0[3] : nil } ?? .unknown
    return node.result(node.elementType(0), query.replacing(3, by: depth))
  }

  /// One operand with its heads as an axis.
  private struct Heads {
    let batch: Dimension
    let count: Dimension
    let length: Dimension
    let depth: Dimension

    init?(_ shape: Shape?, headCount: Int?) {
      guard let shape else { return nil }
      switch (shape.rank, headCount) {
      case (4, _):
        (batch, count, length, depth) = (shape[0], shape[1], shape[2], shape[3])
      case (3, let heads?) where heads > 0:
        (batch, count, length) = (shape[0], .fixed(heads), shape[1])
        depth = shape[2].exactlyDivided(by: .fixed(heads))
      default: return nil
      }
    }
  }

  /// Y, then the keys and values to pass on, then the scores.
  @Sendable private static func attention(_ node: InferenceContext) -> [ValueType?] {
    let keyHeads = node.int("kv_num_heads")
    guard let query = Heads(node.shape(0), headCount: node.int("q_num_heads")),
      let key = Heads(node.shape(1), headCount: keyHeads),
      let value = Heads(node.shape(2), headCount: keyHeads)
    else { return (0..<4).map { node.tensor(node.elementType($0 == 2 ? 2 : 0), nil) } }
    let past = node.has(4) ? node.shape(4).flatMap { $0.rank == 4 ? $0[2] : nil } ?? .unknown : 0
    let total = past + key.length
    let isMerged = node.rank(0) == 3
    let output: Shape =
      isMerged
      ? [query.batch, query.length, query.count * value.depth]
      : [query.batch, query.count, query.length, value.depth]
    return node.result(node.elementType(0), output)
      + node.result(node.elementType(1), [key.batch, key.count, total, key.depth])
      + node.result(node.elementType(2), [value.batch, value.count, total, value.depth])
      + node.result(node.elementType(0), [query.batch, query.count, query.length, total])
  }
}
