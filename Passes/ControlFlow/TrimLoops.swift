import GraphIR
import PassPipeline
import Rewriting

/// Takes out of `Loop` and `Scan` what they need not carry:
/// - a state that the body returns as it came is what it was before the loop: the body reads that;
/// - states that decide nothing that is read, neither after the loop nor when it ends;
/// - stacked outputs that nothing reads.
struct TrimLoops: Pass {
  static let summary = "states that stay the same and results that nothing reads leave Loop and Scan"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.nodes(withOperators: ["Loop", "Scan"])
    where !model.isErased(node) && !model.isDead(node) {
      guard let loop = LoopView(node, in: model) else { continue }
      var fixed = loop.states.filter { loop.isUnchanged($0, in: model) }
      if !loop.canFix(fixed, in: model) { fixed = [] }
      let needed = loop.neededStates(in: model)
      let dropped = Set(fixed + loop.states.filter { !needed.contains($0) })
      let unread = Set(loop.stackedOutputs.filter { !model.hasUses(loop.outputs[$0]) })
      guard !dropped.isEmpty || !unread.isEmpty, Self.allows(dropped, of: node, in: model) else { continue }
      try model.edit(as: Self.name) { rewriter in
        try loop.rebuild(leavingOut: dropped, unread, fixing: fixed, with: &rewriter)
      }
    }
  }

  /// Early versions of `Loop` need a state.
  private static func allows(_ dropped: Set<Int>, of node: NodeID, in model: Model) -> Bool {
    guard let schema = model.schema(of: node) else { return false }
    return schema.inputCounts.contains(model.inputCount(of: node) - dropped.count)
  }

  static let given = "const int64 n = {3}; float[2, 3] x; float[2, 3] k"

  static let examples: [Example] = [
    .rewrites(
      """
      y, z = Loop(n, , x, k) <body = b (int64 i, bool c, float[2, 3] s, float[2, 3] f) =>
        (bool d, float[2, 3] t, float[2, 3] g) { d = Identity(c) t = Add(s, f) g = Identity(f) }>
      return y
      """,
      to: """
        y = Loop(n, , x) <body = b (int64 i, bool c, float[2, 3] s) => (bool d, float[2, 3] t)
          { d = Identity(c) t = Add(s, k) }>
        """),
    .rewrites(
      """
      y, z = Loop(n, , x) <body = b (int64 i, bool c, float[2, 3] s) =>
        (bool d, float[2, 3] t, float[2, 3] v) { d = Identity(c) t = Mul(s, s) v = Exp(t) }>
      return y
      """,
      to: """
        y = Loop(n, , x) <body = b (int64 i, bool c, float[2, 3] s) => (bool d, float[2, 3] t)
          { d = Identity(c) t = Mul(s, s) }>
        """),
    .rewrites(
      """
      y, z = Scan<num_scan_inputs = 1, body = b (float[3] s, float[3] a) => (float[3] t, float[3] v)
        { t = Neg(s) v = Exp(a) }>(first, x)
      return z
      """,
      to: "z = Scan<num_scan_inputs = 1, body = b (float[3] a) => (float[3] v) { v = Exp(a) }>(x)",
      given: "float[3] first; float[2, 3] x"),
    .rewrites(
      """
      y, p, q = Loop(n, , x, k, k) <body = b (int64 i, bool c, float[2, 3] s, float[2, 3] f, float[2, 3] g) =>
        (bool d, float[2, 3] t, float[2, 3] u, float[2, 3] v) { d = Identity(c) t = Neg(s) u = Exp(g) v = Neg(f) }>
      return y
      """,
      to: """
        y = Loop(n, , x) <body = b (int64 i, bool c, float[2, 3] s) => (bool d, float[2, 3] t)
          { d = Identity(c) t = Neg(s) }>
        """),
    .rewrites(
      """
      y, z = Loop(n, , x) <body = b (int64 i, bool c, float[2, 3] s) =>
        (bool d, float[2, 3] t, float[2, 3] v) { d = Identity(c) t = Identity(s) v = Exp(s) }>
      return z
      """,
      to: """
        z = Loop(n, ) <body = b (int64 i, bool c) => (bool d, float[2, 3] v) { d = Identity(c) v = Exp(x) }>
        """),
    .rewrites(
      """
      p, y, z = Scan<num_scan_inputs = 1, scan_output_axes = [0, 1], body = b (float[3] s, float[3] a) =>
        (float[3] t, float[3] v, float[3] u) { t = Add(s, a) v = Exp(a) u = Neg(t) }>(first, x)
      return p, z
      """,
      to: """
        p, z = Scan<num_scan_inputs = 1, scan_output_axes = [1], body = b (float[3] s, float[3] a) =>
          (float[3] t, float[3] u) { t = Add(s, a) u = Neg(t) }>(first, x)
        return p, z
        """,
      given: "float[3] first; float[2, 3] x"),
    .keeps(
      """
      y, z = Loop(n, , x, k) <body = b (int64 i, bool c, float[2, 3] s, float[2, 3] f) =>
        (bool d, float[2, 3] t, float[2, 3] g) { d = Identity(c) t = Add(s, f) g = Neg(f) }>
      return y
      """, because: "the state is read for another"),
    .keeps(
      """
      z, y = Loop(, go, limit, x) <body = b (int64 i, bool c, float l, float[2, 3] s) =>
        (bool d, float m, float[2, 3] t) { m = Sub(l, one) d = Greater(m, one) t = Neg(s) }>
      return y
      """, because: "the state ends the loop",
      given: "const bool go = {1}; const float limit = {4}; const float one = {1}; float[2, 3] x"),
    .keeps(
      """
      y, z = Loop(n, , x) <body = b (int64 i, bool c, float[2, 3] s) =>
        (bool d, float[2, 3] t, float[2, 3] v) { d = Identity(c) t = Mul(s, s) v = Exp(t) }>
      """, because: "both are results"),
    .keeps(
      """
      y, z = Loop(n, , x, k) <body = b (int64 i, bool c, float[2, 3] s, float[2, 3] f) =>
        (bool d, float[2, 3] t, float[2, 3] g) { d = Identity(c) t = Identity(f) g = Identity(s) }>
      return y
      """, because: "states change places"),
  ]
}
