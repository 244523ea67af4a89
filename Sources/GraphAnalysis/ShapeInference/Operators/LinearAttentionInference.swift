import GraphIR
import TensorCore

/// Attention whose memory is a state of fixed size, and the convolution that goes before it.
enum LinearAttentionInference {
  static let operators: [String: InferenceFunction] = [
    "LinearAttention": linearAttention, "CausalConvWithState": causalConvolution,
  ]

  /// Y [B, T, query heads · Dv], then the state [B, key heads, Dk, Dv]. Operands are [B, T, heads · D].
  @Sendable private static func linearAttention(_ node: InferenceContext) -> [ValueType?] {
    guard let query = node.shape(0), query.rank == 3, let value = node.shape(2), value.rank == 3,
      let queryHeads = node.int("q_num_heads"), let heads = node.int("kv_num_heads"), queryHeads > 0,
      heads > 0
    else { return node.result(node.elementType(0), nil) }
    let keyDepth = query[2].exactlyDivided(by: .fixed(queryHeads))
    let depth = value[2].exactlyDivided(by: .fixed(heads))
    let stateType = node.has(3) ? node.elementType(3) : node.elementType(0)
    return node.result(node.elementType(0), [query[0], query[1], .fixed(queryHeads) * depth])
      + node.result(stateType, [query[0], .fixed(heads), keyDepth, depth])
  }

  /// Y as X [B, C, L], then the state [B, C, k − 1].
  @Sendable private static func causalConvolution(_ node: InferenceContext) -> [ValueType?] {
    let state = node.shape(0).flatMap { shape -> Shape? in
      guard shape.rank == 3, let kernel = node.shape(1)?.dimensions.last else { return nil }
      return [shape[0], shape[1], kernel - 1]
    }
    return node.same(as: 0) + node.result(node.elementType(0), state)
  }
}
