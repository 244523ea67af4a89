import CommandLineKit
import Foundation
import Testing

@testable import WorkbenchCommands

/// What `render` draws, and what it refuses.
@Suite struct RenderTests {
  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    return workspace
  }

  @Test(arguments: [
    ["--overlay", "bytes", "--no-modules"], ["--overlay", "precision", "--theme", "dark"],
    ["--overlay", "sparsity", "--direction", "right"],
    ["--overlay", "latency", "--batch", "2", "--threads", "1"], ["--expand", "--max-nodes", "1"],
    ["--before", "m.onnx", "--layout", "side-by-side", "--overlay", "macs"],
    ["--before", "m.onnx", "--changes-only", "--hops", "0"],
  ]) func optionsDrawPictures(options: [String]) async throws {
    let workspace = try workspace()
    let result = try await workspace.run(["render", "-m", "m.onnx", "-o", "p.svg"] + options)
    #expect(result.status == 0, "\(result.error)")
    #expect(try workspace.text(of: "p.svg").contains("</svg>"))
  }

  @Test func passesAreDrawnByTheirExamples() async throws {
    let workspace = try workspace()
    let result = try await workspace.run("render", "--pass", "merge-relus", "-o", "p.dot", "--threads", "1")
    #expect(result.status == 0, "\(result.error)")
    let dot = try workspace.text(of: "p.dot")
    #expect(dot.contains("Relu(Relu(x)) → Relu(x)") && dot.contains("h = Relu(x); y = Relu(h)"))
    #expect(dot.contains("by merge-relus"))
  }

  @Test func strategiesAreDrawnByTheirExamples() async throws {
    let workspace = try workspace()
    let result = try await workspace.run("render", "--pass", "ablation", "-o", "p.dot", "--threads", "1")
    #expect(result.status == 0, "\(result.error)")
    let dot = try workspace.text(of: "p.dot")
    #expect(dot.contains("a branch that adds nothing") && dot.contains("by ablation: "))
  }

  @Test(arguments: [
    ([], "missing '--model FILE', '--pass NAME' or '--chart FILE'"),
    (["-m", "m.onnx", "--max-nodes", "0"], "'--max-nodes' needs a value from 1 to 1500"),
    (["-m", "m.onnx", "--max-nodes", "1501"], "'--max-nodes' needs a value from 1 to 1500"),
    (["-m", "m.onnx", "--hops", "2"], "--hops needs --around or --changes-only"),
    (["-m", "m.onnx", "--hops", "-1", "--around", "x"], "'--hops' needs a value from 0 to 64"),
    (["-m", "m.onnx", "--changes-only"], "--changes-only needs --before"),
    (["-m", "m.onnx", "--layout", "merged"], "--layout needs --before"),
    (
      ["-m", "m.onnx", "--layout", "above", "--before", "m.onnx"],
      "'--layout' needs one of merged, side-by-side"
    ),
    (["-m", "m.onnx", "--changes-only", "--around", "x", "--before", "m.onnx"], "not both"),
    (["-m", "m.onnx", "--direction", "up"], "'--direction' needs one of down, right"),
    (["-m", "m.onnx", "--overlay", "speed"], "'--overlay' needs one of bytes, macs, latency"),
    (["-m", "m.onnx", "--overlay", "sensitivity"], "--overlay sensitivity needs --from FILE"),
    (["-m", "m.onnx", "--overlay", "macs", "--from", "m.onnx"], "--from needs --overlay sensitivity"),
    (["-m", "m.onnx", "--overlay", "macs", "--batch", "2"], "--batch needs --overlay latency"),
    (["-m", "m.onnx", "--optimization", "all"], "--optimization needs --overlay latency"),
    (["-m", "m.onnx", "--pass", "merge-relus"], "--model or --pass, not both"),
    (["--pass", "merge-relus", "--overlay", "macs"], "--pass takes"),
    (["--pass", "merge-relus", "--around", "x"], "--pass takes"),
    (["--pass", "merge-relus", "--before", "m.onnx"], "--pass takes"),
    (["-m", "m.onnx", "--chart", "pareto.json"], "--model or --chart, not both"),
    (["--pass", "merge-relus", "--chart", "pareto.json"], "--pass or --chart, not both"),
    (["--chart", "pareto.json", "--theme", "dark"], "--chart takes"),
    (["--chart", "pareto.json", "--expand"], "--chart takes"),
    (["--chart", "pareto.json", "--top", "0"], "'--top' needs a value from 1 to 10000"),
    (["-m", "m.onnx", "--top", "3"], "--top needs --chart"),
  ]) func optionsThatMakeNoSenseAreRefused(options: [String], message: String) {
    #expect {
      _ = try RenderCommand(parsing: ["-o", "p.svg"] + options)
    } throws: {
      ($0 as? UsageError)?.message.contains(message) ?? false
    }
  }

  @Test(arguments: [
    (["-m", "m.onnx", "--hops", "2"], "--hops needs --around or --changes-only"),
    (["-m", "m.onnx", "--around", "nowhere"], "there is no node, input, output or result 'nowhere'"),
    (["-m", "m.onnx", "--around", ""], "there is no node, input, output or result ''"),
    (["-m", "m.onnx", "--overlay", "sensitivity", "--from", "m.onnx"], "m.onnx: is no sensitivity.json"),
    (["-m", "m.onnx", "--overlay", "sensitivity", "--from", "nowhere.json"], "nowhere.json"),
    (["--chart", "m.onnx"], "m.onnx: is neither a pareto.json nor a sensitivity.json"),
    (["--chart", "nowhere.json"], "nowhere.json"),
    (["--pass", "merge-relu"], "did you mean 'merge-relus'?"),
    (["--pass", "abltion"], "did you mean 'ablation'?"),
    (["--pass", "infer-shapes"], "infer-shapes: has no example that it changes"),
  ]) func mistakesAreExplained(options: [String], message: String) async throws {
    let workspace = try workspace()
    let result = try await workspace.run(["render", "-o", "p.svg"] + options)
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.error.contains(message), "\(result.error)")
    #expect(workspace.names == ["m.onnx"])
  }

  /// A sweep's report names nodes; one of another model says nothing of this one.
  @Test func aSweepIsDrawnOnItsModel() async throws {
    let workspace = try workspace()
    let swept = try await workspace.run(
      "sensitivity", "-m", "m.onnx", "-o", "run", "--no-latency", "--threads", "1", "--strategies", "ablation"
    )
    #expect(swept.status == 0, "\(swept.error)")
    let arguments = ["render", "--overlay", "sensitivity", "--from", "run/sensitivity.json", "--force"]
    let drawn = try await workspace.run(arguments + ["-m", "m.onnx", "-o", "p.dot"])
    #expect(drawn.status == 0, "\(drawn.error)")
    #expect(try workspace.text(of: "p.dot").contains("largest drop of"))
    let chart = try await workspace.run("render", "--chart", "run/sensitivity.json", "-o", "c.svg")
    #expect(chart.status == 0, "\(chart.error)")
    #expect(try workspace.text(of: "c.svg") == workspace.text(of: "run/sensitivity.svg"))
    try workspace.write(.customOperator, to: "other.onnx")
    let other = try await workspace.run(arguments + ["-m", "other.onnx", "-o", "o.dot"])
    #expect(other.status == 2 && other.error.contains("none of its changes is at a node of this model"))
  }

  /// `make docs` renews what this finds stale.
  @Test func picturesOfTheDocumentationAreFresh() async throws {
    let workspace = try Workspace()
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Setup/docs.sh")
    let check = try await workspace.shell("WORKBENCH=\"$W\" sh '\(script.standardizedFileURL.path)' --check")
    #expect(check.status == 0, "\(check.error)")
    let wrong = try await workspace.shell("sh '\(script.standardizedFileURL.path)' --chekc")
    #expect(wrong.status == 2 && wrong.error.contains("usage:"))
  }
}
