import GraphIR
import TensorCore

/// Recurrent layers. X is [sequence, batch, input], with `layout` 1 [batch, sequence, input].
enum RecurrentInference {
  static let operators: [String: InferenceFunction] = ["LSTM": layer, "GRU": layer, "RNN": layer]

  /// Y [sequence, directions, batch, hidden], then the last states [directions, batch, hidden].
  @Sendable private static func layer(_ node: InferenceContext) -> [ValueType?] {
    let input = node.shape(0).flatMap { $0.rank == 3 ? $0 : nil } ?? [.unknown, .unknown, .unknown]
    let isBatchFirst = node.flag("layout")
    let sequence = input[isBatchFirst ? 1 : 0]
    let batch = input[isBatchFirst ? 0 : 1]
    let directions: Dimension = node.string("direction") == "bidirectional" ? 2 : 1
    let recurrence = node.shape(2).flatMap(\.dimensions.last) ?? .unknown
    let hidden = node.int("hidden_size").map(Dimension.fixed) ?? recurrence
    let all: Shape =
      isBatchFirst ? [batch, sequence, directions, hidden] : [sequence, directions, batch, hidden]
    let last: Shape = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    let state = node.result(node.elementType(0), last)
    return node.result(node.elementType(0), all) + state + state
  }
}
