import Candidates
import Evaluation
import GraphIR
import PassTestKit
import TensorCore
import Testing

@testable import Passes

/// The check of examples has to be able to fail.
@Suite struct StrategyExampleCheckTests {
  /// Takes every `Relu` away. A `Neg` it makes an `Exp` without an input, which is no model.
  fileprivate struct TakesRelus: CandidateGenerator {
    static let name = "takes-relus"
    static let summary = "takes every Relu away"
    static let stage = StrategyStage.removal
    static let given = "float[N, 4] x; const float[4, 4] w; const float[4] c = {1, 2, 3, 4}"
    static let examples: [StrategyExample] = []

    func candidates(for model: Model, activations: any ActivationSource) throws -> [Candidate] {
      model.nodes(of: model.mainGraph).compactMap { node in
        guard let input = model.input(0, of: node) else { return nil }
        let exit = model.outputs(of: node)[0]
        let edit: any CandidateEdit
        switch model.operatorName(of: node).name {
        case "Relu": edit = Bypass(exit: exit, replacement: input)
        case "Neg": edit = Breaks(node: node)
        default: return nil
        }
        return Candidate(
          strategy: Self.name, kind: "layer", title: model.label(of: node), nodes: [node], edit: edit,
          saving: Saving())
      }
    }
  }

  private struct Breaks: CandidateEdit {
    let node: NodeID

    func apply(to model: inout Model, as name: String) throws {
      model.edit(as: name) { $0.setInputs(of: node, to: []) }
    }
  }

  private func findings(_ example: StrategyExample) throws -> [String] {
    StrategyExampleCheck.findings(for: example, of: TakesRelus.self, try OnnxRuntime.load())
  }

  @Test func whatHoldsIsFound() throws {
    let parts = "h = Relu(x); y = Add(h, c)"
    #expect(try findings(.changes("", parts, to: "y = Add(x, c)", loss: .atMost(0.7))) == [])
    #expect(try findings(.keeps("", "y = Add(x, c)", because: "there is no Relu")) == [])
  }

  @Test(arguments: [
    ("y = Mul(x, c)", StrategyExample.Choice.first(1), "becomes another graph than expected"),
    ("float[3] d; y = Add(x, d)", .first(1), "types of constants differ: expected float[3], found float[4]"),
    ("const float[4] d = {1, 2, 3, 4.1}; y = Add(x, d)", .first(1), "becomes another graph"),
    ("y = Add(x, c)", .first(2), "2 changes are taken, and 1 proposed"),
    ("y = Add(x, c)", .titled(["Neg"]), "'Neg' is not proposed"),
  ]) func whatBecomesAnotherGraphIsFound(result: String, choice: StrategyExample.Choice, message: String)
    throws
  {
    let found = try findings(
      .changes("", "h = Relu(x); y = Add(h, c)", to: result, taking: choice, loss: .atMost(0.7)))
    #expect(found.count == 1 && found[0].contains(message), "\(found)")
  }

  /// Three digits of the largest.
  @Test func fittedNumbersAgreeNearly() throws {
    let result = "const float[4] d = {1, 2.003, 3, 4}; y = Add(x, d)"
    #expect(
      try findings(.changes("", "h = Relu(x); y = Add(h, c)", to: result, loss: .atMost(0.7))) == [])
  }

  @Test(arguments: [
    (StrategyExample.Loss.none, "which is more than rounding"), (.atMost(0.01), "not by 0.01"),
    (.atMost(100), "claims 100.0 where outputs move by"),
  ]) func claimsThatDoNotHoldAreFound(loss: StrategyExample.Loss, message: String) throws {
    let found = try findings(.changes("", "h = Relu(x); y = Add(h, c)", to: "y = Add(x, c)", loss: loss))
    #expect(found.count == 1 && found[0].contains(message), "\(found)")
  }

  @Test func proposalsThatMustNotBeAreFound() throws {
    let found = try findings(.keeps("", "y = Relu(x)", because: "of the name"))
    #expect(found.count == 1 && found[0].contains("because of the name, but"), "\(found)")
  }

  @Test func changesThatMakeNoModelAreFound() throws {
    let found = try findings(
      .changes(
        "", "h = Relu(x); n = Neg(h); y = Add(n, c)", to: "n = Neg(x); y = Add(n, c)", loss: .atMost(2)))
    #expect(found.count == 2 && found[0].contains(" alone: ") && found[1].hasPrefix("all changes together: "))
  }

  @Test(arguments: ["y = Relu(", "y = MatMul(x, undeclared)", "y = Log(x)"])
  func examplesThatDoNotRunAreFound(graph: String) throws {
    #expect(try !findings(.changes("", graph, to: graph, loss: .none)).isEmpty)
    #expect(try !findings(.keeps("", graph, because: "it does not run")).isEmpty)
  }
}
