import GraphIR
import TensorCore
import Testing

@testable import Search

@Suite struct CutPointTests {
  private func cuts(_ text: String) throws -> [String] {
    let model = try typedModel(text, given: "float[N, 4] x, mask; const float[4] c")
    return CutPoints(model: model) { _ in 1 }.cuts.map { model.name(of: $0.value) }
  }

  @Test func everyValueOfAChainIsACut() throws {
    #expect(try cuts("a = Relu(x); b = Neg(a); y = Abs(b)") == ["a", "b"])
  }

  @Test func residualBlocksAreCutBetweenNotWithin() throws {
    let blocks = "s = Relu(x); a = Neg(s); t = Add(s, a); b = Abs(t); c = Exp(b); u = Add(c, t); y = Sin(u)"
    #expect(try cuts(blocks) == ["s", "t", "u"])
  }

  @Test func anInputThatTheLastBlockReadsAllowsNoCut() throws {
    #expect(try cuts("a = Relu(x); b = Add(a, mask); c = Neg(b); y = Add(c, mask)").isEmpty)
    #expect(try cuts("a = Relu(x); b = Add(a, mask); y = Neg(b)") == ["b"])
  }

  @Test func anOutputOnTheWayAllowsNoCutBehindIt() throws {
    #expect(try cuts("a = Relu(x); b = Neg(a); y = Abs(b); return a, y") == ["a"])
  }

  @Test func bodiesReadWhatTheyCapture() throws {
    let text = """
      <ir_version: 8, opset_import: ["" : 17]>
      g (float[N,4] x) => (float[N,4] y) <bool f = {1}> {
        a = Relu(x)
        b = Neg(a)
        i = If (f) <then_branch = t () => (float[N,4] p) { p = Abs(a) },
                    else_branch = e () => (float[N,4] q) { q = Exp(b) }>
        y = Neg(i)
      }
      """
    let model = try Model(NamedModel(parsing: text))
    #expect(CutPoints(model: model) { _ in 1 }.cuts.map { model.name(of: $0.value) } == ["a", "i"])
  }

  @Test func theLastCutBeforeAChangeIsFound() throws {
    let model = try typedModel("a = Relu(x); b = Neg(a); c = Abs(b); y = Exp(c)")
    let nodes = model.nodes(of: model.mainGraph)
    let cuts = CutPoints(model: model) { _ in 1 }
    func cut(_ index: Int) -> String? {
      cuts.last(before: [nodes[index], nodes[3]]) { _ in true }.map { model.name(of: $0.value) }
    }
    #expect((0..<4).map(cut) == [nil, "a", "b", "c"])
  }

  @Test func cutsAreSpreadOverTheWork() throws {
    let names = (1...40).map { "v\($0) = Neg(\($0 == 1 ? "x" : "v\($0 - 1)")); " }.joined()
    let model = try typedModel(names + "return v40")
    let spread = CutPoints(model: model) { _ in 10 }.spread(3, totalMACs: 400).cuts
    #expect(spread.map(\.macsBefore) == [100, 200, 300])
    let none = CutPoints(model: try typedModel("y = Relu(x)")) { _ in 0 }.spread(3, totalMACs: 0)
    #expect(none.cuts.isEmpty)
  }
}

@Suite struct ActivationStoreTests {
  static let model = """
    a = MatMul(x, w); r = Relu(a); b = MatMul(r, v); t = Tanh(b); s = Add(x, t); c = MatMul(s, w); u = Relu(c); \
    y = MatMul(u, v)
    """
  static let given = "float[N, 4] x; const float[4, 8] w; const float[8, 4] v"

  @Test func aSuffixGivesWhatTheWholeModelGives() throws {
    let model = try typedModel(Self.model, given: Self.given)
    let runner = VariantRunner.forTests(model, samples: 40)
    let samples = try runner.samples(["x": Tensor(float32: noise(160), [40, 4])])
    let store = try ActivationStore(
      of: model, cuts: CutPoints(model: model) { _ in 1 }, sets: [samples, samples.prefix(10)],
      byteLimit: 1 << 20, runner: runner)
    let output = try #require(model.value("y"))
    let whole = try runner.run(runner.prepare(model.extracting([(name: "y", value: output)])), on: samples)[0]
    var cuts: Set<ValueID> = []
    for node in model.nodes(of: model.mainGraph) {
      for (set, range) in [(0, 0..<40), (0, 7..<31), (1, 3..<10)] {
        guard let start = store.start(for: [node], set: set, range: range) else { continue }
        cuts.insert(start.cut)
        let suffix = try model.extracting(
          [(name: "y", value: output)], from: [(name: ActivationStore.inputName, value: start.cut)])
        let part = try runner.run(runner.prepare(suffix), on: start.samples)[0]
        let expected = try whole.rows(Array(range)).doubles()
        #expect(try zip(part.doubles(), expected).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(part.dimensions.first == range.count)
      }
    }
    #expect(cuts.count == 3)
  }

  @Test func everyNodeRunsOnceForAllActivations() throws {
    let model = try typedModel(Self.model, given: Self.given)
    let runner = VariantRunner.forTests(model, samples: 40)
    let samples = try runner.samples(["x": Tensor(float32: noise(160), [40, 4])])
    _ = try ActivationStore(
      of: model, cuts: CutPoints(model: model) { _ in 1 }, sets: [samples], byteLimit: 1 << 20, runner: runner
    )
    #expect(runner.ledger.passes <= 1)
  }

  @Test func whatDoesNotFitIsNotStored() throws {
    let model = try typedModel("a = Relu(x); b = Neg(a); y = Abs(b)")
    let runner = VariantRunner.forTests(model, samples: 10)
    let samples = try runner.samples(["x": Tensor(float32: noise(40), [10, 4])])
    let cuts = CutPoints(model: model) { _ in 1 }
    let last = [model.nodes(of: model.mainGraph)[2]]
    func stored(_ limit: Int) throws -> String? {
      let store = try ActivationStore(
        of: model, cuts: cuts, sets: [samples], byteLimit: limit, runner: runner)
      return store.start(for: last, set: 0, range: 0..<10).map { model.name(of: $0.cut) }
    }
    #expect(try stored(320) == "b")
    #expect(try stored(319) == "a")
    #expect(try stored(159) == nil)
  }
}
