import GraphAnalysis
import GraphIR
import Testing

@testable import Passes

@Suite struct RemovalPreviewTests {
  /// Whatever value stands in for whatever other, the preview names the nodes that the edit removes.
  @Test(arguments: [
    "a = Relu(x); b = Neg(a); c = Add(a, b); d = Mul(c, x); y = Add(c, d)",
    "a = Relu(x); b = Neg(a); c = Exp(a); d = Add(b, c); e = Abs(d); y = Add(e, a); z = Sub(d, b)",
    "s = Shape(x); r = Reshape(x, s); t = Identity(r); u = Add(t, x); y = Mul(u, u); return y, u",
    """
    a = Neg(x); b = Exp(x); k = Relu(a)
    h = If(c) <
      then_branch = t () => (u) { p = Abs(b) u = Add(p, k) },
      else_branch = e () => (w) { w = Sigmoid(a) }>
    g = Neg(h); y = Add(g, b)
    """,
  ])
  func previewsSayWhatEditsDo(example: String) throws {
    var model = try Model(NamedModel(example: example, given: "float[4] x; bool c"))
    ShapeInference.run(on: &model)
    var preview = RemovalPreview(of: model)
    let computed = model.nodes(of: model.mainGraph).flatMap { model.outputs(of: $0) }
    let values = model.inputs(of: model.mainGraph) + computed
    var compared = 0
    for exit in computed {
      // What stands in is computed before.
      for replacement in values where replacement < exit {
        guard let expected = Self.removed(from: model, exit, replacement) else { continue }
        let found = preview.nodes(thatDieWhen: exit, isReplacedBy: replacement)
        #expect(found == expected, "\(model.label(of: exit)) ← \(model.label(of: replacement))")
        compared += 1
      }
    }
    #expect(compared > 8)
  }

  private static func removed(from model: Model, _ exit: ValueID, _ replacement: ValueID) -> [NodeID]? {
    guard let producer = model.producer(of: exit) else { return nil }
    var copy = model
    return try? copy.edit(as: "test") { rewriter in
      try rewriter.replaceAllUses(of: exit, with: replacement)
      return rewriter.eraseIfDead(producer).sorted()
    }
  }
}
