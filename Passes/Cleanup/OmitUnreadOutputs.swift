import GraphIR
import PassPipeline
import Rewriting

/// Leaves out results that nothing reads where the operator makes them optional, so that no runtime computes or
/// stores them: the sequence of an `LSTM` of which only the last state is read, the indices of `MaxPool`.
///
/// Only those of operators whose other results do not depend on it: `BatchNormalization` means training where it has
/// several outputs, and `Attention` wants its caches together.
struct OmitUnreadOutputs: Pass {
  static let summary = "y, unread = LSTM(x, …) → y = LSTM(x, …)"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.nodes(withOperators: independent) where !model.isDead(node) {
      let unread = Self.unreadOutputs(of: node, in: model)
      guard !unread.isEmpty else { continue }
      model.edit(as: Self.name) { rewriter in
        for output in unread { rewriter.omit(output) }
      }
    }
  }

  private static func unreadOutputs(of node: NodeID, in model: Model) -> [ValueID] {
    guard let schema = model.schema(of: node), model.function(named: model.operatorName(of: node)) == nil
    else { return [] }
    return zip(model.outputs(of: node), schema.outputs).compactMap { output, parameter in
      let isUnread = !model.hasUses(output) && !model.isOmitted(output)
      return isUnread && parameter.arity == .optional ? output : nil
    }
  }

  static let given = """
    float[5, 2, 3] x in -1...1; const float[1, 16, 3] w in -1...1; const float[1, 16, 4] r in -1...1; \
    float[2, 3, 8, 8] image; const float[3] scale; const float half = {0.5}; const bool off = {0}; \
    float[6] some; const float[3] mean = 0; const float[3] variance = 1
    """

  static let examples: [Example] = [
    .rewrites(
      "y, h, c = LSTM<hidden_size = 4>(x, w, r); z = Relu(h); return z",
      to: "y, h = LSTM<hidden_size = 4>(x, w, r); z = Relu(h); return z"),
    .rewrites(
      "y, h, c = LSTM<hidden_size = 4>(x, w, r); z = Relu(y); return z",
      to: "y = LSTM<hidden_size = 4>(x, w, r); z = Relu(y)"),
    .rewrites(
      "y, i = MaxPool<kernel_shape = [2, 2]>(image); z = Relu(y); return z",
      to: "y = MaxPool<kernel_shape = [2, 2]>(image); z = Relu(y)"),
    .rewrites("y, m = Dropout(x, half, off); return y", to: "y = Dropout(x, half, off)"),
    .rewrites(
      "y, m, d = LayerNormalization(x, scale); return y, d",
      to: "y, , d = LayerNormalization(x, scale); return y, d"),
    .rewrites("y, i, n, c = Unique(some); return y, n", to: "y, , n = Unique(some); return y, n"),
    .keeps("y, i = MaxPool<kernel_shape = [2, 2]>(image)", because: "both are results"),
    .keeps(
      "v, i = TopK(some, k); return v", because: "TopK has no optional outputs",
      given: "float[6] some; const int64[1] k = {2}"),
    .keeps(
      "y, m, v = BatchNormalization<training_mode = 1>(image, scale, scale, mean, variance); return y",
      because: "it would not be training"),
    .keeps("a, b = Split<num_outputs = 2>(some); return a", because: "there are as many parts as outputs"),
  ]
}

/// Operators whose optional outputs change nothing else.
private let independent: Set<String> = [
  "Dropout", "GRU", "LSTM", "LayerNormalization", "MaxPool", "RNN", "SoftmaxCrossEntropyLoss", "Unique",
]
