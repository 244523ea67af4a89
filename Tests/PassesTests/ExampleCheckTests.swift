import Evaluation
import GraphIR
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

  @Test(arguments: Place.allCases) func aPassThatIsWrongInOtherSurroundingsIsFound(_ place: Place) {
    let finding = findings(place.pass).first ?? ""
    #expect(finding.hasPrefix(place.rawValue))
    #expect(finding.contains("instead of"))
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

/// Where a pass makes a mistake, as findings call it.
enum Place: String, CaseIterable {
  case branch = "in a branch"
  case function = "in a function"
  case tap = "with 'h' as an output"
  case sharedConstant = "with shared constants"
  case batch = "with a symbolic batch"

  fileprivate var pass: any Pass.Type {
    switch self {
    case .branch: WrongInBranches.self
    case .function: WrongInFunctions.self
    case .tap: WrongWithTaps.self
    case .sharedConstant: WrongWithSharedConstants.self
    case .batch: WrongWithSymbols.self
    }
  }
}

/// Makes `Exp` of each `Neg` in a certain place.
private protocol Mistaken: Pass where Options == NoOptions {
  static func isWrong(at node: NodeID, in model: Model) -> Bool
}

extension Mistaken {
  static var summary: String { "is wrong in one place" }
  static var exactness: Exactness { .rounding }
  static var given: String { "float[2, 4] x; const float[4] c" }
  static var examples: [Example] { [.keeps("h = Neg(x); y = Mul(h, c)")] }

  func run(on model: inout Model, in context: inout PassContext) throws {
    let nodes = model.allNodes.filter { node in
      model.operatorName(of: node).name == "Neg" && Self.isWrong(at: node, in: model)
    }
    for node in nodes {
      try model.edit(as: "mistake") { rewriter in
        let wrong = rewriter.insert(
          OperatorName("Exp"), inputs: rewriter.model.inputs(of: node), outputs: [nil], before: node)
        try rewriter.replaceAllUses(
          of: rewriter.model.outputs(of: node)[0], with: rewriter.model.outputs(of: wrong)[0])
        rewriter.eraseIfDead(node)
      }
    }
  }
}

private struct WrongInBranches: Mistaken {
  static func isWrong(at node: NodeID, in model: Model) -> Bool {
    model.parent(of: model.graph(of: node)) != nil
  }
}

private struct WrongInFunctions: Mistaken {
  static func isWrong(at node: NodeID, in model: Model) -> Bool {
    if case .function = model.kind(of: model.graph(of: node)) { true } else { false }
  }
}

private struct WrongWithTaps: Mistaken {
  static func isWrong(at node: NodeID, in model: Model) -> Bool {
    model.graph(of: node) == model.mainGraph && model.isGraphOutput(model.outputs(of: node)[0])
  }
}

private struct WrongWithSharedConstants: Mistaken {
  static func isWrong(at node: NodeID, in model: Model) -> Bool {
    model.graph(of: node) == model.mainGraph
      && model.initializers(of: model.mainGraph).contains { model.uses(of: $0).count > 1 }
  }
}

private struct WrongWithSymbols: Mistaken {
  static func isWrong(at node: NodeID, in model: Model) -> Bool {
    model.graph(of: node) == model.mainGraph
      && model.input(0, of: node).map {
        model.shape(of: $0)?.fixedSizes == nil
      } == true
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
