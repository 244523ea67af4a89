import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Leaves out inputs and attributes of `LSTM`, `GRU` and `RNN` that say what holds without them:
/// - initial states that are 0 throughout, however they are made: constants, or `ConstantOfShape` and `Expand` of 0 for
///   the batch of the run, also sliced, transposed or stacked;
/// - sequence lengths that are the length of the input for every sequence;
/// - activations that are the defaults.
///
/// −0 is no zero here: it stays.
struct SimplifyRecurrent: RewriteRule {
  static let summary = "LSTM(x, w, r, b, , 0, 0) → LSTM(x, w, r, b)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let inputs = Variadic("inputs"), node = Capture("node")
    for (op, activations) in defaultActivations {
      op(inputs, as: node) => { m -> [Term] in
        let view = try m[node]
        var kept = m[inputs]
        for index in [5, 6] where index < kept.count {
          if let state = kept[index], ZeroTensor.isZero(state, in: m.model) { kept[index] = nil }
        }
        if kept.count > 4, let lengths = kept[4], m.areAllFull(lengths, of: view) { kept[4] = nil }
        let isDefault = m.hasDefaultActivations(view, activations)
        try m.require(kept != m[inputs] || isDefault, "everything says what the defaults do not")
        let attributes = isDefault ? view.attributes.removing("activations") : view.attributes
        return view.outputs.indices.map { index in
          op.applied(to: kept.map { $0?.term ?? .absent }, attributes: attributes).output(index)
        }
      }
    }
  }

  static let given = """
    float[5, N, 3] x in -1...1; const float[1, 16, 3] w in -1...1; const float[1, 16, 4] r in -1...1; \
    const float[1, 32] b in -1...1; const float[1, 2, 4] h0 = 0; const float[1, 2, 4] one = 1; \
    const float zero = {0}; float[5, 2, 3] fixed in -1...1; const int32[2] five = {5, 5}; \
    const int32[2] some = {5, 4}; const int64[3] sizes = {1, 2, 4}; const int64[1] a = {1}; const int64[1] d = {4}; \
    const float minus = {-0.0}; float[1, 2, 4] state in -1...1; const float[1, 12, 3] u in -1...1; \
    const float[1, 12, 4] v in -1...1
    """

  static let examples: [Example] = [
    .rewrites(
      "y, h, c = LSTM<hidden_size = 4>(fixed, w, r, b, , h0, h0); return y",
      to: "y, h, c = LSTM<hidden_size = 4>(fixed, w, r, b); return y"),
    .rewrites(
      "s = Expand(zero, sizes); y = LSTM<hidden_size = 4>(fixed, w, r, b, five, s, s)",
      to: "y = LSTM<hidden_size = 4>(fixed, w, r, b)"),
    .rewrites(
      "s = ConstantOfShape(sizes); y = GRU<hidden_size = 4>(fixed, u, v, , , s)",
      to: "y = GRU<hidden_size = 4>(fixed, u, v)"),
    .rewrites(
      """
      s = Shape(x); n = Gather<axis = 0>(s, a); t = Concat<axis = 0>(a, n, d); z = ConstantOfShape(t);
      y = LSTM<hidden_size = 4, activations = ["Sigmoid", "Tanh", "Tanh"]>(x, w, r, b, , z, z)
      """, to: "y = LSTM<hidden_size = 4>(x, w, r, b)"),
    .keeps("y = LSTM<hidden_size = 4>(fixed, w, r, b, , one, one)", because: "the first states are not zero"),
    .keeps("y = GRU<hidden_size = 4>(fixed, u, v, , , state)", because: "the state is computed"),
    .keeps("y = LSTM<hidden_size = 4>(fixed, w, r, b, some)", because: "a sequence is shorter"),
    .keeps("y = LSTM<hidden_size = 4>(x, w, r)", because: "there is no state"),
    .keeps(
      "s = Expand(minus, sizes); y = LSTM<hidden_size = 4>(fixed, w, r, b, , s)", because: "−0 is not 0"),
    .keeps(
      "y = RNN<hidden_size = 4, activations = [\"Relu\"]>(fixed, p, q)", because: "Relu is not the default",
      given: "float[5, 2, 3] fixed; const float[1, 4, 3] p; const float[1, 4, 4] q"),
  ]
}

/// For each direction.
private let defaultActivations: [(op: OperatorTerm, names: [String])] = [
  (Op.GRU, ["Sigmoid", "Tanh"]), (Op.LSTM, ["Sigmoid", "Tanh", "Tanh"]), (Op.RNN, ["Tanh"]),
]

extension Match {
  /// Whether every sequence is as long as the first input.
  fileprivate func areAllFull(_ lengths: ValueID, of node: NodeView) -> Bool {
    let axis = (try? node.int("layout")) ?? 0 == 0 ? 0 : 1
    guard let length = model.constant(lengths)?.uniformValue, let x = node.inputs.first.flatMap({ $0 }),
      let shape = model.shape(of: x), axis < shape.rank, let size = shape[axis].fixedSize
    else { return false }
    return Double(size) == length
  }

  /// Parameters of activations are left alone: they belong to certain ones.
  fileprivate func hasDefaultActivations(_ node: NodeView, _ defaults: [String]) -> Bool {
    guard case .strings(let names) = model.attribute("activations", of: node.node), !names.isEmpty,
      names.count.isMultiple(of: defaults.count), !node.has("activation_alpha"), !node.has("activation_beta")
    else { return false }
    return names.enumerated().allSatisfy { $1.text == defaults[$0 % defaults.count] }
  }
}
