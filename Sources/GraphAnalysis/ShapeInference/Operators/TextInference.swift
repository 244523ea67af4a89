import GraphIR
import TensorCore

/// Operators on strings.
enum TextInference {
  static let operators: [String: InferenceFunction] = [
    "StringConcat": { $0.result(.string, $0.broadcastShape(of: 0..<2)) },
    "RegexFullMatch": { $0.result(.bool, $0.shape(0)) }, "StringNormalizer": normalize,
    "StringSplit": split, "TfIdfVectorizer": countTerms,
  ]

  /// Words that are left out shorten the last axis.
  @Sendable private static func normalize(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { $0.rank > 0 ? $0.replacing($0.rank - 1, by: .unknown) : nil }
    return node.result(.string, shape)
  }

  /// The pieces, on a new last axis, and their number.
  @Sendable private static func split(_ node: InferenceContext) -> [ValueType?] {
    let pieces = node.shape(0).map { Shape($0.dimensions + [.unknown]) }
    return node.result(.string, pieces) + node.result(.int64, node.shape(0))
  }

  @Sendable private static func countTerms(_ node: InferenceContext) -> [ValueType?] {
    let last = node.ints("ngram_indexes")?.max()
    guard let shape = node.shape(0), let last, last >= 0, last < Int(Int32.max), shape.rank <= 2
    else { return node.result(.float32, nil) }
    return node.result(.float32, Shape(shape.dimensions.dropLast() + [.fixed(last + 1)]))
  }
}
