import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Leaves out initial states of `LSTM`, `GRU` and `RNN` that are 0, as they are where none is given.
///
/// A state is 0 if it is such a constant, or made by moving, repeating and cutting the elements of one, or of
/// `ConstantOfShape`.
struct EliminateZeroState: RewriteRule {
  static let summary = "LSTM(x, w, r, b, , 0, 0) → LSTM(x, w, r, b)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let inputs = Variadic("inputs"), node = Capture("node")
    for op in [Op.LSTM, Op.GRU, Op.RNN] {
      op(inputs, as: node) => { m -> [Term] in
        var kept = m[inputs]
        for index in [5, 6] where index < kept.count {
          if let state = kept[index], m.isZero(state, depth: 0) { kept[index] = nil }
        }
        try m.require(kept != m[inputs], "no initial state is known to be 0")
        let view = try m[node]
        return view.outputs.indices.map { index in
          op.applied(to: kept.map { $0?.term ?? .absent }, attributes: view.attributes).output(index)
        }
      }
    }
  }

  static let given = """
    float[S, N, 3] x in -1...1; const float[1, 8, 3] w in -1...1; const float[1, 8, 2] r in -1...1; \
    const float[1, 6, 3] u in -1...1; const float[1, 6, 2] v in -1...1; const float[1] zero = {0}; \
    const float[1] one = {1}; const int64[3] n = {1, 2, 2}; float[S, 2, 3] z in -1...1; float[1, 2, 2] h0 in -1...1
    """

  static let examples: [Example] = [
    .rewrites(
      "s = Expand(zero, n); y = LSTM<hidden_size = 2>(z, w, r, , , s, s)",
      to: "y = LSTM<hidden_size = 2>(z, w, r)"),
    .rewrites(
      "s = ConstantOfShape(n); y = GRU<hidden_size = 2>(z, u, v, , , s)",
      to: "y = GRU<hidden_size = 2>(z, u, v)"),
    .keeps("s = Expand(one, n); y = GRU<hidden_size = 2>(z, u, v, , , s)", because: "the state is 1"),
    .keeps("y = GRU<hidden_size = 2>(z, u, v, , , h0)", because: "the state is computed"),
    .keeps("y = LSTM<hidden_size = 2>(x, w, r)", because: "there is no state"),
  ]
}

extension Match {
  /// Whether all elements are known to be 0.
  fileprivate func isZero(_ value: ValueID, depth: Int) -> Bool {
    if let tensor = model.constant(value) { return tensor.uniformValue == 0 }
    guard depth < 16, let node = producer(of: value) else { return false }
    if node.op == OperatorName("ConstantOfShape") {
      return (try? node.optionalConstant("value"))?.map { $0.uniformValue == 0 } ?? true
    }
    guard node.op.isStandard, movers.contains(node.op.name), let input = node.inputs.first.flatMap({ $0 })
    else {
      return false
    }
    return isZero(input, depth: depth + 1)
  }
}

/// Operators whose results are made of elements of their first input.
private let movers: Set<String> = [
  "Cast", "Expand", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Split", "Squeeze", "Tile",
  "Transpose",
  "Unsqueeze",
]
