import GraphIR
import Rewriting
import TensorCore
import Testing

@Suite struct MatcherTests {
  private let x = Var("x"), y = Var("y")

  @Test func aVariableThatOccursTwiceIsOneValue() throws {
    let rewrite = Op.Sub(x, x) => Op.Neg(x)
    #expect(try Drive("y = Sub(a, a)", rewrite).operators == ["Neg"])
    #expect(try Drive("y = Sub(a, b)", rewrite).operators == ["Sub"])
  }

  @Test func commutingOperatorsMatchInEitherOrder() throws {
    let rewrite = Op.Add(Op.Neg(x), y).commuting => Op.Sub(y, x)
    #expect(try Drive("h = Neg(a); y = Add(h, b)", rewrite).operators == ["Sub"])
    #expect(try Drive("h = Neg(a); y = Add(b, h)", rewrite).operators == ["Sub"])
    let fixed = Op.Add(Op.Neg(x), y) => Op.Sub(y, x)
    #expect(try Drive("h = Neg(a); y = Add(b, h)", fixed).operators == ["Neg", "Add"])
  }

  @Test func alternativesAreTriedInOrder() throws {
    let rewrite = Op.Abs(Op.Neg(x).or(Op.Abs(x))) => Op.Abs(x)
    #expect(try Drive("h = Neg(a); y = Abs(h)", rewrite).operators == ["Abs"])
    #expect(try Drive("h = Abs(a); y = Abs(h)", rewrite).operators == ["Abs"])
    #expect(try Drive("h = Relu(a); y = Abs(h)", rewrite).operators == ["Relu", "Abs"])
  }

  @Test func anOrderThatFailsLaterIsTakenBack() throws {
    // The first order binds x to b, and Mul then wants b as well.
    let rewrite = Op.Mul(Op.Add(x, y).commuting, x) => Op.Sub(x, y)
    #expect(try Drive("h = Add(b, a); y = Mul(h, a)", rewrite).operators == ["Sub"])
    #expect(try Drive("h = Add(a, b); y = Mul(h, a)", rewrite).operators == ["Sub"])
    #expect(try Drive("h = Add(a, b); y = Mul(h, c)", rewrite).operators == ["Add", "Mul"])
    let alternative = Op.Mul(Op.Neg(x).or(Op.Neg(Op.Abs(x))), Op.Exp(x)) => Op.Sub(x, x)
    #expect(
      try Drive("a = Abs(b); h = Neg(a); e = Exp(b); y = Mul(h, e)", alternative).operators == ["Sub"])
  }

  @Test func exclusiveNodesHaveNoOtherReader() throws {
    let inner = Capture("inner")
    let rewrite = Op.Exp(Op.Neg(x, as: inner.exclusive)) => Op.Reciprocal(Op.Exp(x))
    #expect(try Drive("h = Neg(a); y = Exp(h)", rewrite).operators == ["Exp", "Reciprocal"])
    #expect(try Drive("h = Neg(a); y = Exp(h); z = Relu(h)", rewrite).operators == ["Neg", "Exp", "Relu"])
    #expect(try Drive("h = Neg(a); y = Exp(h); return y, h", rewrite).operators == ["Neg", "Exp"])
  }

  @Test func optionalConstantsMayBeLeftOut() throws {
    let bias = Constant("b"), w = Constant("w")
    let given = "float[1, 2, 4, 4] x; const float[3, 2, 1, 1] w; const float[3] b; float[3] computed"
    let rewrite =
      Op.Relu(Op.Conv(x, w, bias.optional)) => { match in
        let conv = try Op.Conv(match[self.x], match[w], match[optional: bias])
        return Op.Sigmoid(conv)
      }
    #expect(try Drive("h = Conv(x, w); y = Relu(h)", given: given, rewrite).operators == ["Conv", "Sigmoid"])
    #expect(
      try Drive("h = Conv(x, w, b); y = Relu(h)", given: given, rewrite).operators == ["Conv", "Sigmoid"])
    let computed = try Drive("h = Conv(x, w, computed); y = Relu(h)", given: given, rewrite)
    #expect(computed.operators == ["Conv", "Relu"])
  }

  @Test func inputsThatThePatternDoesNotNameMustBeLeftOut() throws {
    let rewrite = Op.Clip(x) => x
    #expect(try Drive("h = Clip(a); y = Relu(h)", rewrite).operators == ["Relu"])
    #expect(try Drive("h = Clip(a, , 1.0); y = Relu(h)", rewrite).operators == ["Clip", "Relu"])
  }

  @Test func variadicsTakeWhatRemainsWithGaps() throws {
    let rest = Variadic("rest")
    let rewrite = Op.Sum(x, rest) => { match in Op.Max.applied(to: [self.x.term, rest.term]) }
    let drive = try Drive("y = Sum(a, b, c)", rewrite)
    #expect(drive.operators == ["Max"])
    #expect(drive.node("Max").map { drive.model.inputCount(of: $0) } == 3)
  }

  @Test func constantsAreInitializersThatCannotBeOverridden() throws {
    let rewrite = Op.Mul(x, Constant("c")) => Op.Neg(x)
    #expect(try Drive("y = Mul(a, 2.0)", rewrite).operators == ["Neg"])
    #expect(try Drive("k = Constant<value_float = 2.0>(); y = Mul(a, k)", rewrite).operators == ["Neg"])
    #expect(try Drive("y = Mul(a, b)", rewrite).operators == ["Mul"])
    var named = try NamedModel(example: "y = Mul(a, c)", given: "const float[2, 3] c")
    named.graph.inputs.append(NamedValue("c", AnnotatedType(.tensor(.float32, [2, 3]))))
    var model = try Model(named)
    var driver = GreedyDriver(RuleSet([(name: "rule", rewrites: [rewrite])]))
    _ = driver.run(on: &model)
    #expect(driver.statistics.applications == 0)
  }

  @Test func numbersMatchConstantsThatHoldNothingElse() throws {
    let rewrite = Op.Mul(x, 2.0) => Op.Add(x, x)
    #expect(try Drive("y = Mul(a, 2.0)", rewrite).operators == ["Add"])
    #expect(try Drive("y = Mul(a, {2.0, 2.0, 2.0})", rewrite).operators == ["Add"])
    #expect(try Drive("y = Mul(a, {2.0, 2.0, 1.0})", rewrite).operators == ["Mul"])
  }

  @Test func attributesOfAPatternCountWithTheirDefaults() throws {
    let rewrite = Op.LeakyRelu(x, attributes: ["alpha": 0.01]) => Op.Relu(x)
    #expect(try Drive("y = LeakyRelu(a)", rewrite).operators == ["Relu"])
    #expect(try Drive("y = LeakyRelu<alpha = 0.5>(a)", rewrite).operators == ["LeakyRelu"])
  }

  @Test func bodiesAreRewrittenAndReadValuesAroundThem() throws {
    let text = """
      r = Relu(x)
      y = If(c) <
        then_branch = t () => (u) { v = Neg(r) u = Neg(v) },
        else_branch = e () => (w) { w = Neg(r) }>
      """
    let drive = try Drive(text, given: "bool c; float[2] x", Op.Neg(Op.Neg(x)) => Op.Identity(x))
    let branch = try #require(drive.node("If").flatMap { drive.model.bodies(of: $0).first })
    #expect(drive.model.nodes(of: branch).map { drive.model.operatorName(of: $0).name } == ["Identity"])
  }

  @Test func patternsDoNotReachOutOfABody() throws {
    let text =
      "r = Neg(x); y = If(c) <then_branch = t () => (u) { u = Neg(r) }, else_branch = e () => (w) { w = Exp(r) }>"
    let drive = try Drive(text, given: "bool c; float[2] x", Op.Neg(Op.Neg(x)) => Op.Identity(x))
    #expect(drive.statistics.applications == 0)
  }
}
