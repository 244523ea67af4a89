import GraphIR
import Testing

@testable import Passes

/// Which channels are found to go together.
@Suite struct ChannelFlowTests {
  static let given = """
    float[N, 4, 6, 6] x; float[N, 5, 16] t; float[N, 6] f; float[16, 4, 3, 3] given; int64[3] z2
    const float[16, 4, 3, 3] w1; const float[16] b1; const float[8, 16, 3, 3] w2; const float[8, 16, 1, 1] p2
    const float[16, 1, 3, 3] depthwise; const float[16, 4, 3, 3] grouped; const float[16, 16, 3, 3] same
    const float[16] s, o, m; const float[16] v in 0.5...1.5; const float[16, 1, 1] c; const float[8] b2
    const float[6, 12] a1; const float[12] ab; const float[12, 3] a2; const float[16, 3] head
    const float[16, 16] q, k, u, d; const float[16, 4, 1, 1] p1; const float[8, 4, 1, 1] q1
    const float[8, 24, 1, 1] wide; const float[3, 8, 1, 1] p8; const float[4, 4, 1, 1] other; const float[16, 4, 3, 3] w3; const float[8, 4, 3, 3] other1
    float[5, N, 6] steps; const float[1, 64, 6] lw; const float[1, 64, 16] lr, lw2, lr2; const float[1, 128] lb
    const float[1, 48] lp; const float[2, 64, 6] bw; const float[2, 64, 16] br; const float[2, 128] bb
    const float[1, 48, 6] gw, gw2; const float[1, 48, 16] gr, gr2; const float[1, 96] gb; const float[1, 16, 6] nw
    const float[1, 16, 16] nr; const float[1, 1, 16] h0; const float[32, 3] head2; float[1, N, 16] state
    """

  /// `producers → consumers: units`, by the names of outputs.
  private func groups(_ example: String, keeping: [String] = [], opset: Int = 21) throws -> [String] {
    let model = try channelModel(example, given: Self.given, opset: opset)
    let flow = ChannelFlow(of: model, keeping: Set(keeping.compactMap { model.node($0) }))
    return ChannelGroups(flow).groups.map { group in
      func names(_ nodes: [NodeID]) -> String {
        nodes.map { model.name(of: model.outputs(of: $0)[0]) }.joined(separator: " ")
      }
      return "\(names(group.producers)) → \(names(group.consumers.map { flow.consumers[$0].node })): "
        + "\(group.units.count)"
    }
  }

  static let patterns: [String: String] = [
    "h = Conv(x, w1, b1); r = Relu(h); y = Conv(r, w2)": "h → y: 16",
    "h = Conv(x, w1); n = BatchNormalization(h, s, o, m, v); r = Relu(n); y = Conv(r, w2)": "h → y: 16",
    "h = Conv(x, w1); n = Mul(h, c); r = Sigmoid(n); z = Mul(n, r); y = Conv(z, w2)": "h → y: 16",
    "h = Conv(x, w1); z = MaxPool<kernel_shape = [2, 2]>(h); e = Pad(z, {0, 0, 1, 1, 0, 0, 1, 1}); y = Conv(e, w2)":
      "h → y: 16",
    "h = Conv(x, w1); z = GlobalAveragePool(h); e = Flatten(z); y = Gemm(e, head)": "h → y: 16",
    "h = Conv(x, w1); z = ReduceMean<keepdims = 0>(h, {2, 3}); y = MatMul(z, head)": "h → y: 16",
    "h = Conv(x, w1); e = Reshape(h, {0, 16, -1}); z = Transpose<perm = [0, 2, 1]>(e); y = MatMul(z, head)":
      "h → y: 16",
    "h = Conv(x, w1); d = Conv<group = 16>(h, depthwise, b1); y = Conv(d, p2)": "h → y: 16",
    "h = Conv(x, w1); d = Conv<group = 4>(h, grouped); y = Conv(d, w2)": "h → y: 4",
    "a = Conv(x, w1); b = Conv(x, w3); s = Add(a, b); y = Conv(s, w2)": "a b → y: 16",
    "h = Conv(x, w1); y = Conv(h, w2); z = Conv(h, p2)": "h → y z: 16",
    "h = Gemm(f, a1, ab); r = Tanh(h); y = MatMul(r, a2)": "h → y: 12",
    "h = MatMul(f, a1); b = Add(h, ab); r = Gelu(b); y = MatMul(r, a2)": "h → y: 12",
    "h = LSTM<hidden_size = 16>(steps, lw, lr, lb); e = Squeeze(h, {1}); y = MatMul(e, head)": "h → h y: 16",
    "h, l = LSTM<hidden_size = 16>(steps, lw, lr, lb, , h0, h0, lp); e = Squeeze(l, {0}); y = Gemm(e, head); return y":
      "h → h y: 16",
    "h = GRU<hidden_size = 16, linear_before_reset = 1>(steps, gw, gr, gb); n = Slice(h, {-1}, {9}, {0}); e = Reshape(n, {-1, 16}); y = MatMul(e, head)":
      "h → h y: 16",
    // The gate that reads what has been reset is fitted apart.
    "h = GRU<hidden_size = 16>(steps, gw, gr); e = Squeeze(h, {1}); y = MatMul(e, head)": "h → h h y: 16",
    "h = RNN<hidden_size = 16, direction = \"reverse\">(steps, nw, nr); e = Squeeze(h, {1}); y = MatMul(e, head)":
      "h → h y: 16",
    "h, l = LSTM<hidden_size = 16, direction = \"bidirectional\">(steps, bw, br, bb); o = Transpose<perm = [1, 0, 2]>(l); e = Reshape(o, {0, 32}); y = Gemm(e, head2); return y":
      "h → h h y: 16",
    "h, l = GRU<hidden_size = 16, linear_before_reset = 1>(steps, gw, gr); i = GRU<hidden_size = 16, linear_before_reset = 1>(steps, gw2, gr2, , , l); e = Squeeze(i, {1}); y = MatMul(e, head); return y":
      "h i → h i y: 16",
  ]

  @Test(arguments: patterns.keys.sorted())
  func channelsAreFollowedToTheirReaders(example: String) throws {
    #expect(try groups(example) == [try #require(Self.patterns[example])])
  }

  @Test func residualSumsAreNarrowedTogether() throws {
    let found = try groups(
      "a = Conv(x, w1); r = Relu(a); b = Conv<pads = [1, 1, 1, 1]>(r, same); s = Add(a, b); y = Conv(s, w2)")
    #expect(found == ["a b → b y: 16"])
  }

  @Test func partsOfAConcatenationAreNarrowedApart() throws {
    let found = try groups("a = Conv(x, p1); b = Conv(x, q1); j = Concat<axis = 1>(a, b); y = Conv(j, wide)")
    #expect(found == ["a → y: 16", "b → y: 8"])
  }

  @Test func partsOfASplitAreNarrowedApart() throws {
    let found = try groups(
      "h = Conv(x, p1); a, b = Split<axis = 1, num_outputs = 2>(h); g = Sigmoid(b); z = Mul(a, g); y = Conv(z, p8)"
    )
    #expect(found == ["h → y: 8"])
  }

  @Test func stackedCellsAreNarrowedApart() throws {
    let found = try groups(
      """
      a = LSTM<hidden_size = 16>(steps, lw, lr, lb); e = Squeeze(a, {1}); h = LSTM<hidden_size = 16>(e, lw2, lr2)
      i = Squeeze(h, {1}); y = MatMul(i, head)
      """)
    #expect(found == ["a → a h: 16", "h → h y: 16"])
  }

  @Test func headsOfAttentionGoAsAWhole() throws {
    let found = try groups(
      """
      a = MatMul(t, q); b = MatMul(t, k); e = MatMul(t, u)
      ar = Reshape(a, {0, 0, 4, 4}); br = Reshape(b, {0, 0, 4, 4}); er = Reshape(e, {0, 0, 4, 4})
      at = Transpose<perm = [0, 2, 1, 3]>(ar); bt = Transpose<perm = [0, 2, 3, 1]>(br)
      et = Transpose<perm = [0, 2, 1, 3]>(er); z = MatMul(at, bt); zs = Mul(z, 0.5); p = Softmax<axis = -1>(zs)
      h = MatMul(p, et); ht = Transpose<perm = [0, 2, 1, 3]>(h); j = Reshape(ht, {0, 0, 16}); y = MatMul(j, d)
      """)
    #expect(found == ["a b e → y: 4"])
  }

  @Test(arguments: [
    // Also returned, or shared with what is not understood.
    "h = Conv(x, w1); y = Conv(h, w2); return h, y",
    "h = Conv(x, w1); y = Conv(h, w2); z = Shape(h)",
    "h = Conv(x, w1); n = Softmax<axis = 1>(h); y = Conv(n, w2)",
    "h = Conv(x, w1); n = ReduceSum(h, {1}); y = Conv(h, w2)",
    "h = Conv(x, w1); e = Pad(h, {0, 0, 0, 0, 0, 0, 0, 0}, 0.0, {1, 2, 3, 0}); y = Conv(e, w2); z = Neg(e)",
    // Weights with two uses.
    "h = Conv(x, w1); g = Conv(x, w1); i = Conv(h, w2); y = Conv(g, p2)",
    // The joined value is an input of the graph.
    "h = Conv(x, other); s = Add(h, x); y = Conv(s, other1)",
    // Statistics over the channels.
    "h = MatMul(f, a1); n = LayerNormalization(h, ab); y = MatMul(n, a2)",
    // Weights that callers may override, and shapes that are computed.
    "h = Conv(x, given); y = Conv(h, w2)",
    "h = Conv(x, w1); z = Shape(x); e = Reshape(h, z2); y = MatMul(e, head)",
    // Cells: states that are computed or returned, batches first, activations over all units, shared weights, and
    // units that are cut off.
    "h = LSTM<hidden_size = 16>(steps, lw, lr, lb, , state); e = Squeeze(h, {1}); y = MatMul(e, head)",
    "h, l = LSTM<hidden_size = 16>(steps, lw, lr); e = Squeeze(h, {1}); y = MatMul(e, head); return y, l",
    "h = LSTM<hidden_size = 16, layout = 1>(steps, lw, lr); e = Squeeze(h, {2}); y = MatMul(e, head)",
    "h = RNN<hidden_size = 16, activations = [\"Softmax\"]>(steps, nw, nr); e = Squeeze(h, {1}); y = MatMul(e, head)",
    "h = RNN<hidden_size = 16>(steps, nw, nr); i = RNN<hidden_size = 16>(steps, nw, nr); k = Add(h, i); e = Squeeze(k, {1}); y = MatMul(e, head)",
    "h = LSTM<hidden_size = 16>(steps, lw, lr); n = Slice(h, {0}, {16}, {3}); e = Squeeze(n, {1}); y = MatMul(e, head)",
    "h = LSTM<hidden_size = 16>(steps, lw, lr, lb, , , , lb); e = Squeeze(h, {1}); y = MatMul(e, head)",
  ])
  func whatIsNotUnderstoodStays(example: String) throws {
    #expect(try groups(example).isEmpty)
  }

  @Test func keptNodesKeepTheirChannels() throws {
    let example = "h = Conv(x, w1); r = Relu(h); y = Conv(r, w2)"
    #expect(try groups(example, keeping: ["y"]).isEmpty)
    #expect(try groups(example, keeping: ["r"]).isEmpty)
    #expect(try groups(example, keeping: ["h"]).isEmpty)
  }
}
