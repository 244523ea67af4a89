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
struct SimplifyRecurrent: Pass {
  static let summary = "LSTM(x, w, r, b, , 0, 0) → LSTM(x, w, r, b)"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.nodes(withOperators: Set(defaultActivations.keys)) where !model.isErased(node) {
      let inputs = model.inputs(of: node), attributes = model.attributes(of: node)
      var kept: [ValueID?] = inputs.enumerated().map { index, value in
        value.flatMap { Self.isRedundant($0, at: index, of: node, in: model) ? nil : $0 }
      }
      while kept.last == .some(nil) { kept.removeLast() }
      let hasDefault = Self.hasDefaultActivations(node, in: model)
      guard kept != inputs || hasDefault else { continue }
      model.edit(as: Self.name) { rewriter in
        rewriter.setInputs(of: node, to: kept)
        if hasDefault {
          rewriter.setAttributes(of: node, to: attributes.filter { $0.name != "activations" })
        }
        for case let value? in inputs {
          if let producer = rewriter.model.producer(of: value) { rewriter.eraseIfDead(producer) }
        }
      }
    }
  }

  private static func isRedundant(_ value: ValueID, at index: Int, of node: NodeID, in model: Model) -> Bool {
    switch index {
    case 4: areAllFull(value, of: node, in: model)
    case 5, 6: ZeroTensor.isZero(value, in: model)
    default: false
    }
  }

  /// Whether every sequence is as long as the first input.
  private static func areAllFull(_ lengths: ValueID, of node: NodeID, in model: Model) -> Bool {
    let axis = model.attribute("layout", of: node)?.int ?? 0 == 0 ? 0 : 1
    guard let length = model.constant(lengths)?.uniformValue, let x = model.input(0, of: node),
      let shape = model.shape(of: x), axis < shape.rank, let size = shape[axis].fixedSize
    else { return false }
    return Double(size) == length
  }

  /// Parameters of activations are left alone: they belong to certain ones.
  private static func hasDefaultActivations(_ node: NodeID, in model: Model) -> Bool {
    guard let defaults = defaultActivations[model.operatorName(of: node).name],
      case .strings(let names) = model.attribute("activations", of: node), !names.isEmpty,
      names.count.isMultiple(of: defaults.count), model.attribute("activation_alpha", of: node) == nil,
      model.attribute("activation_beta", of: node) == nil
    else { return false }
    return names.enumerated().allSatisfy { $1.text == defaults[$0 % defaults.count] }
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
      "y, h, c = LSTM<hidden_size = 4>(fixed, w, r, b, , h0, h0); z = Relu(h); return y, z",
      to: "y, h, c = LSTM<hidden_size = 4>(fixed, w, r, b); z = Relu(h); return y, z"),
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
private let defaultActivations = [
  "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"], "RNN": ["Tanh"],
]
