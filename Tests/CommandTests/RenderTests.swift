import Foundation
import Testing

/// What `render` draws, and what it refuses.
@Suite struct RenderTests {
  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    return workspace
  }

  @Test(arguments: [
    ["--overlay", "bytes"], ["--overlay", "macs", "--theme", "dark"], ["--overlay", "precision"],
    ["--overlay", "sparsity"], ["--overlay", "latency", "--batch", "2", "--threads", "1"], ["--expand"],
    ["--no-modules"], ["--max-nodes", "1"],
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

  @Test(arguments: [
    (["--max-nodes", "0"], "'--max-nodes' needs a value from 1 to 1500"),
    (["--max-nodes", "1501"], "'--max-nodes' needs a value from 1 to 1500"),
    (["--hops", "2"], "--hops needs --around or --changes-only"),
    (["--hops", "-1", "--around", "x"], "'--hops' needs a value from 0 to 64"),
    (["--changes-only"], "--changes-only needs --before"),
    (["--layout", "merged"], "--layout needs --before"),
    (["--layout", "above", "--before", "m.onnx"], "'--layout' needs one of merged, side-by-side"),
    (["--changes-only", "--around", "x", "--before", "m.onnx"], "not both"),
    (["--around", "nowhere"], "there is no node, input, output or result 'nowhere'"),
    (["--around", ""], "there is no node, input, output or result ''"),
    (["--overlay", "speed"], "'--overlay' needs one of bytes, macs, latency"),
    (["--overlay", "sensitivity"], "--overlay sensitivity needs --from FILE"),
    (["--overlay", "macs", "--from", "m.onnx"], "--from needs --overlay sensitivity"),
    (["--overlay", "macs", "--batch", "2"], "--batch needs --overlay latency"),
    (["--overlay", "sensitivity", "--from", "m.onnx"], "m.onnx: is no sensitivity.json"),
    (["--overlay", "sensitivity", "--from", "nowhere.json"], "nowhere.json"),
    (["--pass", "merge-relus"], "--model or --pass, not both"),
  ]) func mistakesAreExplained(options: [String], message: String) async throws {
    let workspace = try workspace()
    let result = try await workspace.run(["render", "-m", "m.onnx", "-o", "p.svg"] + options)
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.error.contains(message), "\(result.error)")
    #expect(workspace.names == ["m.onnx"])
  }

  @Test(arguments: [
    ([], "missing '--model FILE' or '--pass NAME'"),
    (["--pass", "merge-relu"], "did you mean 'merge-relus'?"),
    (["--pass", "infer-shapes"], "infer-shapes: has no example that it changes"),
    (["--pass", "merge-relus", "--overlay", "macs"], "--pass takes"),
    (["--pass", "merge-relus", "--around", "x"], "--pass takes"),
    (["--pass", "merge-relus", "--before", "m.onnx"], "--pass takes"),
  ]) func passesAreAskedForRightly(options: [String], message: String) async throws {
    let workspace = try workspace()
    let result = try await workspace.run(["render", "-o", "p.svg"] + options)
    #expect(result.status == 2 && result.error.contains(message), "\(result.error)")
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
