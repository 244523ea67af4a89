import Evaluation
import PassPipeline
import PassTestKit
import Rewriting
import Testing

/// The check of examples has to be able to fail.
@Suite struct ExampleCheckTests {
  let runtime: OnnxRuntime

  init() throws { runtime = try OnnxRuntime.load() }

  private func findings(_ type: any Pass.Type) -> [String] {
    type.examples.flatMap { ExampleCheck.findings(for: $0, of: type, runtime) }
  }

  @Test func aWrongRuleIsFound() throws {
    let finding = try #require(findings(WrongRule.self).first)
    #expect(finding.contains("instead of"))
  }

  @Test func aRuleThatClaimsTooMuchIsFound() throws {
    let finding = try #require(findings(NotBitwise.self).first)
    #expect(finding.contains("instead of"))
  }

  @Test func aRuleThatForgetsOtherReadersIsFound() throws {
    #expect(findings(WrongExpectation.self).first?.contains("becomes another graph") == true)
    #expect(findings(UnkeptPromise.self).first?.contains("must be kept") == true)
  }

  @Test func aRuleThatNeverRestsIsFound() {
    #expect(findings(Restless.self).contains { $0.contains("applied again") })
  }

  @Test func valuesThatAreNotFiniteAreFound() {
    #expect(findings(NotFinite.self).contains { $0.contains("not finite") })
  }

  @Test func anExampleThatDoesNotParseIsFound() {
    #expect(!findings(Garbled.self).isEmpty)
  }
}

private struct WrongRule: RewriteRule {
  static let summary = "x + 1 → x, which is wrong"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let x = Var("x")
    Op.Add(x, 1.0) => x
  }

  static let examples: [Example] = [.rewrites("h = Add(x, 1.0); y = Relu(h)", to: "y = Relu(x)")]
}

private struct NotBitwise: RewriteRule {
  static let summary = "x + 0 → x, which loses the sign of −0"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Add(x, 0.0) => x
  }

  static let examples: [Example] = [.rewrites("h = Add(x, 0.0); y = Neg(h)", to: "y = Neg(x)")]
}

private struct WrongExpectation: RewriteRule {
  static let summary = "Relu(Relu(x)) → Relu(x)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Relu(Op.Relu(x)) => Op.Relu(x)
  }

  static let examples: [Example] = [.rewrites("h = Relu(x); y = Relu(h)", to: "y = Sigmoid(x)")]
}

private struct UnkeptPromise: RewriteRule {
  static let summary = "Relu(Relu(x)) → Relu(x)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Relu(Op.Relu(x)) => Op.Relu(x)
  }

  static let examples: [Example] = [.keeps("h = Relu(x); y = Relu(h)")]
}

private struct Restless: RewriteRule {
  static let summary = "Add(x, y) → Add(y, x), for ever"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), y = Var("y")
    Op.Add(x, y) => Op.Add(y, x)
  }

  static let examples: [Example] = [.rewrites("y = Add(a, b)", to: "y = Add(b, a)")]
}

private struct NotFinite: RewriteRule {
  static let summary = "Log(Neg(Neg(x))) → Log(x)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Log(Op.Neg(Op.Neg(x))) => Op.Log(x)
  }

  static let examples: [Example] = [.rewrites("g = Neg(x); h = Neg(g); y = Log(h)", to: "y = Log(x)")]
}

private struct Garbled: RewriteRule {
  static let summary = "an example that is no graph"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x")
    Op.Identity(x) => x
  }

  static let examples: [Example] = [.keeps("y = Identity(x")]
}
