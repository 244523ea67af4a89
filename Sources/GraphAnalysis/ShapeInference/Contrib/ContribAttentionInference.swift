import GraphIR
import TensorCore

/// ONNX Runtime's attention. Operands are [B, S, heads·D]; keys and values to pass on are [B, heads, S, D].
enum ContribAttentionInference {
  static let operators: [String: InferenceFunction] = [
    "Attention": { selfAttention($0, elementType: $0.elementType(0), past: 4) },
    "QAttention": { selfAttention($0, elementType: $0.elementType(3), past: 8) },
    "MultiHeadAttention": multiHead, "GroupQueryAttention": groupQuery,
    "PackedAttention": packed, "PackedMultiHeadAttention": packedMultiHead,
    "LongformerAttention": { $0.same(as: 0) },
    "EmbedLayerNormalization": embedding, "QEmbedLayerNormalization": quantizedEmbedding,
    "RelativePositionBias": positionBias, "RestorePadding": restorePadding,
  ]

  // MARK: Projections within

  /// The sizes of queries and values that weights [input, Q + K + V] project to.
  private static func projectedSizes(_ node: InferenceContext) -> (query: Dimension, value: Dimension) {
    if let sizes = node.own("qkv_hidden_sizes")?.ints {
      guard sizes.count == 3 else { return (query: .unknown, value: .unknown) }
      return (query: .fixed(sizes[0]), value: .fixed(sizes[2]))
    }
    let size = node.shape(1).flatMap { $0.rank == 2 ? $0[1].exactlyDivided(by: 3) : nil } ?? .unknown
    return (query: size, value: size)
  }

  /// Y [B, S, V], then keys and values together [2, B, heads, total, D].
  private static func selfAttention(
    _ node: InferenceContext, elementType: ElementType?, past: Int
  ) -> [ValueType?] {
    let sizes = projectedSizes(node)
    guard let input = node.shape(0), input.rank == 3 else { return node.result(elementType, nil) }
    let output = node.result(elementType, [input[0], input[1], sizes.value])
    if node.flag("past_present_share_buffer") { return output + node.result(elementType, node.shape(past)) }
    let heads = node.int("num_heads") ?? 0
    let depth = heads > 0 ? sizes.query.exactlyDivided(by: .fixed(heads)) : .unknown
    let before = node.has(past) ? node.axis(3, ofInput: past, rank: 5) : 0
    return output + node.result(elementType, [2, input[0], .fixed(heads), before + input[1], depth])
  }

  @Sendable private static func packed(_ node: InferenceContext) -> [ValueType?] {
    let tokens = node.axis(0, ofInput: 0, rank: 2)
    return node.result(node.elementType(0), [tokens, projectedSizes(node).value])
  }

  // MARK: Projections before

  @Sendable private static func multiHead(_ node: InferenceContext) -> [ValueType?] {
    guard let query = node.shape(0), query.rank == 3 || query.rank == 5, let heads = node.int("num_heads")
    else { return node.result(node.elementType(0), nil) }
    let length = query.rank == 5 ? query[1] : keyLength(node)
    let (merged, depth) = valueSizes(node, query: query, heads: .fixed(heads))
    let isShared = node.has(8)
    let before: Dimension = !node.has(6) ? 0 : isShared ? .unknown : node.axis(2, ofInput: 6, rank: 4)
    let total = before + length
    let keyDepth =
      query.rank == 5 ? query[4] : query[2].exactlyDivided(by: .fixed(max(heads, 1)))
    let type = node.elementType(0)
    return node.result(type, [query[0], query[1], merged])
      + node.result(type, [query[0], .fixed(heads), total, keyDepth])
      + node.result(type, [query[0], .fixed(heads), total, depth])
      + node.result(type, [query[0], .fixed(heads), query[1], total])
  }

  /// Keys are [B, L, heads·D], [B, L, heads, 2, D] together with values, or [B, heads, L, D].
  private static func keyLength(_ node: InferenceContext) -> Dimension {
    guard let key = node.shape(1) else { return .unknown }
    return key.rank == 4 ? key[2] : key.rank == 3 || key.rank == 5 ? key[1] : .unknown
  }

  /// The size of all heads' values, and of one head's.
  private static func valueSizes(
    _ node: InferenceContext, query: Shape, heads: Dimension
  ) -> (merged: Dimension, depth: Dimension) {
    if query.rank == 5 { return (merged: query[2] * query[4], depth: query[4]) }
    if let key = node.shape(1), key.rank == 5 { return (merged: key[2] * key[4], depth: key[4]) }
    guard let value = node.shape(2) else { return (merged: .unknown, depth: .unknown) }
    switch value.rank {
    case 3: return (merged: value[2], depth: heads == 0 ? .unknown : value[2].exactlyDivided(by: heads))
    case 4: return (merged: value[1] * value[3], depth: value[3])
    default: return (merged: .unknown, depth: .unknown)
    }
  }

  /// Y, then the cache of keys and that of values: as long as the past's buffer, or as all tokens if they are
  /// more.
  @Sendable private static func groupQuery(_ node: InferenceContext) -> [ValueType?] {
    guard let query = node.shape(0), query.rank == 3, let heads = node.int("num_heads"), heads > 0,
      let keyHeads = node.int("kv_num_heads"), keyHeads > 0, heads < 1 << 20, keyHeads < 1 << 20
    else { return node.result(node.elementType(0), nil) }
    let parts = node.has(1) ? heads : heads + 2 * keyHeads
    let depth = query[2].exactlyDivided(by: .fixed(parts))
    let total = node.element(6)
    let capacity = node.has(3) ? node.axis(2, ofInput: 3, rank: 4) : 0
    let length = node.flag("sliding_window_cache") ? capacity : capacity.maximum(total)
    let cache = (3...4).map { index in
      // Quantized caches pack several numbers into one.
      let stored = node.has(index) ? node.axis(3, ofInput: index, rank: 4) : depth
      let type = node.has(index) ? node.elementType(index) : node.elementType(0)
      return node.tensor(type, [query[0], .fixed(keyHeads), length, stored])
    }
    return node.result(node.elementType(0), [query[0], query[1], .fixed(heads) * depth]) + cache
  }

  @Sendable private static func packedMultiHead(_ node: InferenceContext) -> [ValueType?] {
    guard let query = node.shape(0) else { return node.result(node.elementType(0), nil) }
    if query.rank == 4 { return node.result(node.elementType(0), [query[0], query[1] * query[3]]) }
    let size = node.has(2) ? node.axis(1, ofInput: 2, rank: 2) : .unknown
    return node.result(node.elementType(0), [query.dimensions.first ?? .unknown, size])
  }

  // MARK: What belongs to it

  /// Y [B, S, hidden], the mask's index [B], and the sum of embeddings before normalization.
  @Sendable private static func embedding(_ node: InferenceContext) -> [ValueType?] {
    embedded(node, elementType: node.elementType(2))
  }

  @Sendable private static func quantizedEmbedding(_ node: InferenceContext) -> [ValueType?] {
    embedded(node, elementType: node.elementType(8))
  }

  private static func embedded(_ node: InferenceContext, elementType: ElementType?) -> [ValueType?] {
    let batch = node.axis(0, ofInput: 0, rank: 2)
    let sum = node.result(
      elementType, [batch, node.axis(1, ofInput: 0, rank: 2), node.axis(1, ofInput: 2, rank: 2)])
    return sum + node.result(.int32, [batch]) + sum
  }

  /// [1, heads, queries, keys]
  @Sendable private static func positionBias(_ node: InferenceContext) -> [ValueType?] {
    let heads = node.axis(1, ofInput: 0, rank: 2)
    return node.result(node.elementType(0), [1, heads, node.element(1), node.element(2)])
  }

  @Sendable private static func restorePadding(_ node: InferenceContext) -> [ValueType?] {
    let sizes = [
      node.axis(0, ofInput: 1, rank: 2), node.axis(1, ofInput: 1, rank: 2), node.axis(1, ofInput: 0, rank: 2),
    ]
    return node.result(node.elementType(0), Shape(sizes))
  }
}

extension InferenceContext {
  /// A size of an input that must have `rank` axes.
  fileprivate func axis(_ axis: Int, ofInput index: Int, rank: Int) -> Dimension {
    guard let shape = shape(index), shape.rank == rank else { return .unknown }
    return shape[axis]
  }
}
