import GraphIR
import Rewriting
import TensorCore
import Testing

@Suite struct GreedyDriverTests {
  private let x = Var("x"), y = Var("y")

  @Test func rulesThatUndoEachOtherReachALimit() throws {
    let there = Op.Add(x, y) => Op.Sub(x, Op.Neg(y))
    let back = Op.Sub(x, Op.Neg(y)) => Op.Add(x, y)
    let drive = try Drive(
      "y = Add(a, b)", rules: [(name: "there", rewrites: [there]), (name: "back", rewrites: [back])])
    guard case .limit(let applications) = drive.reason else {
      Issue.record("the driver stopped because of \(drive.reason)")
      return
    }
    #expect(drive.statistics.applications == applications)
  }

  @Test func chainsCollapse() throws {
    let drive = try Drive(
      "a = Relu(x); b = Relu(a); c = Relu(b); y = Relu(c)", Op.Relu(Op.Relu(x)) => Op.Relu(x))
    #expect(drive.operators == ["Relu"])
    #expect(drive.reason == .fixedPoint)
    #expect(drive.statistics.applications == 3)
  }

  /// A constant that all nodes read: looking at its readers after each application would take quadratic time.
  @Test func workGrowsWithTheNodesAlsoWhenTheyShareAConstant() throws {
    let count = 400
    let text = (0..<count).map { "h\($0) = Mul(a, c); n\($0) = Neg(h\($0)); y\($0) = Neg(n\($0))" }
    let double = Op.Neg(Op.Neg(x)) => x
    let drive = try Drive(
      text.joined(separator: "; "), given: "float[4] a; const float[4] c",
      rules: [
        (name: "double", rewrites: [double]), (name: "product", rewrites: [Op.Mul(x, y) => Op.Add(y, x)]),
      ]
    )
    #expect(drive.statistics.applications == 2 * count)
    let tried = drive.statistics.byRule.values.reduce(0) { $0 + $1.tried }
    #expect(tried < 20 * count)
  }

  @Test func refusalsAreCountedWithTheirReason() throws {
    let rewrite =
      Op.Neg(x) => { match in
        try match.require(match.rank(of: self.x) == 9, "the rank is not 9")
        return self.x
      }
    let drive = try Drive("y = Neg(a); z = Neg(b)", rewrite)
    #expect(drive.statistics.byRule["rule"]?.tried == 2)
    #expect(drive.statistics.byRule["rule"]?.applied == 0)
    #expect(drive.statistics.byRule["rule"]?.refusals == ["the rank is not 9": 2])
  }

  @Test func theGreaterBenefitComesFirstThenTheName() throws {
    let rules = [
      (name: "b", rewrites: [Op.Neg(x) => Op.Abs(x)]), (name: "a", rewrites: [Op.Neg(x) => Op.Exp(x)]),
    ]
    #expect(try Drive("y = Neg(a)", rules: rules).operators == ["Exp"])
    let better = rules + [(name: "z", rewrites: [(Op.Neg(x) => Op.Relu(x)).benefit(2)])]
    #expect(try Drive("y = Neg(a)", rules: better).operators == ["Relu"])
  }

  @Test func replacementsOfAnotherTypeAreRefusedAndLeaveNothing() throws {
    let rewrite = Op.Relu(x) => { _ in Op.Shape(self.x) }
    let drive = try Drive("h = Relu(a); y = Neg(h)", given: "float[2, 3] a", rewrite)
    #expect(drive.operators == ["Relu", "Neg"])
    #expect(drive.refusals.first?.contains("cannot replace") == true)
  }

  @Test func aRefusedReplacementIsNoChange() throws {
    var model = try Drive("h = Relu(a); y = Neg(h)", given: "float[2, 3] a", Op.Abs(x) => x).model
    let before = model
    let rewrite = try Op.Relu(x) => Op.Add(x, Tensor(float32: [0], [1, 1, 1, 1]))
    var driver = GreedyDriver(RuleSet([(name: "rule", rewrites: [rewrite])]))
    _ = driver.run(on: &model)
    #expect(driver.statistics.applications == 0)
    #expect(model.edition == before.edition)
    #expect(model.initializers(of: model.mainGraph).isEmpty)
  }

  @Test func outputsThatAreReadMustBeReplaced() throws {
    let drive = try Drive("h, mask = Dropout(a); y = Relu(h)", Op.Dropout(x) => x)
    #expect(drive.refusals == ["output 1, which the rule does not replace, is read"])
    #expect(
      try Drive("h, mask = Dropout(a); y = Relu(h); return y", Op.Dropout(x) => x).operators == ["Relu"])
  }

  @Test func severalOutputsAreReplacedInOrder() throws {
    let rewrite =
      Op.Split(x, attributes: ["num_outputs": 2]) => { (_: Match) -> [Term] in
        [Op.Relu(self.x), Op.Neg(self.x)]
      }
    let drive = try Drive(
      "a, b = Split<num_outputs = 2>(x); y = Add(a, b)", given: "float[2, 3] x; float[1, 3] y", rewrite)
    #expect(drive.operators == ["Split", "Add"], "types differ")
    let untyped = Op.Split(x) => { (_: Match) -> [Term] in [self.x.term, self.x.term] }
    #expect(
      try Drive("a, b = Split(x); y = Add(a, b)", given: "float[] x", opset: 11, untyped).operators == ["Add"]
    )
  }

  @Test func newNodesInheritEachNameOnce() throws {
    let inner = Capture("inner")
    let rewrite = Op.Exp(Op.Neg(x, as: inner)) => Op.Reciprocal(Op.Neg(Op.Neg(Op.Exp(x))))
    let gone = try Drive("[a] h = Neg(x) [b] y = Exp(h)", rewrite)
    #expect(gone.names == ["", "", "a", "b"])
    let kept = try Drive("[a] h = Neg(x) [b] y = Exp(h) [c] z = Relu(h)", rewrite)
    #expect(kept.names.filter { !$0.isEmpty } == ["a", "b", "c"])
  }

  @Test func aRuleThatThrowsIsOffAndTheOthersGoOn() throws {
    struct Broken: Error {}
    let broken = Op.Neg(x) => { (_: Match) throws -> Var in throw Broken() }
    let sound = Op.Neg(x) => Op.Abs(x)
    let drive = try Drive(
      "h = Neg(a); y = Neg(h)",
      rules: [(name: "broken", rewrites: [broken]), (name: "sound", rewrites: [sound])])
    #expect(drive.operators == ["Abs", "Abs"])
    #expect(drive.failures.map(\.rule) == ["broken"], "it is tried once")
    #expect(drive.failures.first?.message.contains("(Neg)") == true)
  }

  @Test func aBudgetStopsTheDriver() throws {
    var model = try Model(NamedModel(example: "a = Neg(x); b = Neg(a); y = Neg(b)", given: "", opset: 21))
    var driver = GreedyDriver(RuleSet([(name: "rule", rewrites: [Op.Neg(x) => Op.Abs(x)])]))
    #expect(driver.run(on: &model, atMost: 2) == .budget)
    #expect(
      model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name } == ["Abs", "Abs", "Neg"])
  }

  @Test func shrinkingRewritesLookAtWhatOthersRead() throws {
    let rewrite = (Op.Exp(Op.Neg(Op.Abs(x))) => Op.Sigmoid(Op.Abs(x))).shrinking
    #expect(try Drive("a = Abs(x); b = Neg(a); y = Exp(b)", rewrite).operators == ["Abs", "Sigmoid"])
    #expect(
      try Drive("a = Abs(x); b = Neg(a); y = Exp(b); z = Relu(a)", rewrite).operators.count == 4,
      "Abs would be computed twice")
  }

  @Test func misspeltOperatorsAreProblems() {
    #expect((Op.Rleu(x) => x).problems() == ["there is no operator Rleu"])
    #expect((Op.Relu(x, y) => x).problems() == ["Relu takes fewer than 2 inputs"])
    #expect((Op.Relu(x, attributes: ["beta": 1]) => x).problems() == ["Relu has no attribute 'beta'"])
    #expect((x.term => x).problems() == ["the pattern's root must be an operator"])
    #expect((Op.Relu(x) => x).problems().isEmpty)
  }

  @Test func unboundVariablesAreProblems() {
    #expect((Op.Relu(x) => y).problems() == ["y stands on the right, but not in the pattern"])
    #expect(
      (Op.Relu(x) => Op.Add(x, Constant("c"))).problems() == ["c stands on the right, but not in the pattern"]
    )
  }
}
