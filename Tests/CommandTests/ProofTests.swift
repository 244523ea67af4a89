import CommandLineKit
import Evaluation
import GraphIR
import PassPipeline
import Rewriting
import Testing

@testable import WorkbenchCommands

/// `opt --check`.
@Suite struct ProofTests {
  private struct Damage: RewriteRule {
    static let summary = "", exactness = Exactness.bitwise, examples: [Example] = []
    var body: [Rewrite] { Op.Relu(Var("x")) => Op.Abs(Var("x")) }
  }

  @Test func optSaysWhatItCompared() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let plain = try await workspace.run("opt", "-m", "m.onnx", "-o", "o.onnx")
    #expect(plain.status == 0 && plain.output.contains("same results on 3 draws"), "\(plain.output)")
    let unchecked = try await workspace.run("opt", "-m", "m.onnx", "-o", "p.onnx", "--no-check")
    #expect(!unchecked.output.contains("results"))
    #expect(try workspace.bytes(of: "o.onnx") == workspace.bytes(of: "p.onnx"))
  }

  @Test func quietSaysNothingButWhatWasAskedFor() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let quiet = try await workspace.run("opt", "-m", "m.onnx", "-o", "o.onnx", "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.error.isEmpty, "\(quiet.output)\(quiet.error)")
    let table = try await workspace.run("opt", "-m", "m.onnx", "-o", "p.onnx", "--quiet", "--timing")
    #expect(table.output.hasPrefix("pass ") && table.output.contains("infer-shapes"), "\(table.output)")
  }

  @Test func ordersAreTriedOnTheModelThatTheConversionMakes() async throws {
    let workspace = try Workspace()
    try workspace.write(
      TestModel(
        "gate",
        text: """
          <ir_version: 8, opset_import: ["" : 13]>
          gate (float[N,4] x) => (float[N,4] y) {
            s = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x)
            y = Mul (x, s)
          }

          """), to: "m.onnx")
    let result = try await workspace.run(
      "opt", "-m", "m.onnx", "-o", "o.onnxtxt", "--opset", "14", "--search-order", "--tries", "3")
    #expect(result.status == 0 && result.output.contains("the exact one with 1 nodes"), "\(result.output)")
    #expect(try workspace.text(of: "o.onnxtxt").contains("HardSwish"))
  }

  @Test func operatorsOfARuntimesOwnAreCompared() async throws {
    let workspace = try Workspace()
    try workspace.write(
      TestModel(
        "gate",
        """
        gate (float[N,4] x) => (float[N,4] y) {
          s = Sigmoid (x)
          y = Mul (x, s)
        }
        """), to: "m.onnx")
    let result = try await workspace.run(
      "opt", "-m", "m.onnx", "-o", "o.onnxtxt", "--pipeline", "ort", "--check")
    #expect(result.status == 0 && result.output.contains("same results on 3 draws"), "\(result.output)")
    #expect(result.error.contains("runs in ONNX Runtime only"))
    let text = try workspace.text(of: "o.onnxtxt")
    #expect(text.contains("com.microsoft.QuickGelu") && text.contains("\"com.microsoft\" : 1"))
  }

  @Test func whatCannotBeRunIsAnErrorOnlyWhereTheCheckWasAskedFor() async throws {
    let workspace = try Workspace()
    try workspace.write(.customOperator, to: "m.onnx")
    let plain = try await workspace.run("opt", "-m", "m.onnx", "-o", "o.onnx")
    #expect(plain.status == 0 && plain.output.contains("results were not compared"), "\(plain.output)")
    let checked = try await workspace.run("opt", "-m", "m.onnx", "-o", "p.onnx", "--check")
    #expect(checked.status == 2 && checked.error.contains("nothing was written"), "\(checked.error)")
    #expect(workspace.names == ["m.onnx", "o.onnx"])
  }

  @Test func aDefectiveRuleIsNamed() throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let before = try ModelFile.read(FilePath(workspace.folder + "/m.onnx"))
    var after = before
    let manager = PassManager(registry: PassRegistry([Damage.self]))
    let pipeline = try Pipeline(parsing: "rules(*)")
    let report = try manager.run(pipeline, on: &after, in: PassContext())
    let proof = ResultProof(
      manager: manager, pipeline: pipeline, before: before, path: FilePath(workspace.folder + "/m.onnx"),
      data: nil, seed: 0, client: EvaluationClient())
    guard case .different(let difference, let culprit) = try proof.outcome(of: after, steps: report.steps)
    else {
      Issue.record("not seen")
      return
    }
    #expect(culprit.author == "damage" && culprit.created.count == 1, "\(difference)")
  }
}
