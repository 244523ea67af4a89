import Foundation
import Testing

/// A search whose plans a program of the user's judges.
@Suite struct MetricCommandSearchTests {
  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(400).npz(), to: "eval.npz")
    try workspace.write(JudgeScript.text, to: "judge.sh")
    return workspace
  }

  private func search(_ workspace: Workspace, _ arguments: String..., environment: [String: String] = [:])
    async throws -> ToolResult
  {
    try await workspace.run(
      ["search", "--threads", "1", "--objective", "macs", "-m", "m.onnx", "--metric-command", "sh judge.sh"]
        + arguments,
      environment: ["LOG": workspace.path("log")].merging(environment) { $1 })
  }

  @Test func theCommandDecides() async throws {
    let workspace = try workspace()
    let result = try await search(workspace, "-o", "out")
    #expect(result.status == 0 && result.output.contains("score of the metric command"), "\(result.error)")
    let report = try workspace.json(of: "out/report.json")
    let confirmation = try #require(report["confirmation"] as? [String: Any])
    #expect(confirmation["method"] as? String == "jackknife")
    #expect((report["applied"] as? [Any])?.isEmpty == false)
    let baseline = try #require(report["baseline"] as? [String: Any])
    #expect(baseline["metric"] as? Double ?? 0 > 0.9)
    // The original and a plan on the held-back samples: each whole, and without each of 20 groups.
    #expect(try workspace.judgements() > 42)
  }

  @Test func aSearchThatGoesOnAsksNothingTwice() async throws {
    let workspace = try workspace()
    #expect(try await search(workspace, "-o", "out").status == 0)
    let before = (runs: try workspace.judgements(), report: try workspace.json(of: "out/report.json"))
    #expect(try await search(workspace, "-o", "out", "--resume").status == 0)
    #expect(try workspace.judgements() == before.runs)
    let loss = { (report: [String: Any]) in (report["loss"] as? [String: Any])?["upper"] as? Double }
    let after = try workspace.json(of: "out/report.json")
    #expect(loss(before.report) == loss(after))
    let other = try await search(workspace, "-o", "out", "--resume", "--lower-is-better")
    #expect(other.status == 2 && other.error.contains("lower is better was false"))
  }

  @Test func lessCanBeBetter() async throws {
    let workspace = try workspace()
    let result = try await search(workspace, "-o", "out", "--lower-is-better", environment: ["SIGN": "-1"])
    #expect(result.status == 0, "\(result.error)")
    let metric = try #require(try workspace.json(of: "out/report.json")["metric"] as? [String: Any])
    #expect(metric["higher_is_better"] as? Bool == false)
  }

  @Test func aCommandThatFailsEndsTheSearch() async throws {
    let workspace = try workspace()
    let result = try await search(workspace, "-o", "out", environment: ["FAIL": "1"])
    #expect(result.status == 2)
    #expect(result.error.contains("the metric command ended with status 4: cannot judge"), "\(result.error)")
    #expect(!workspace.exists("out"))
  }

  @Test func lowerIsBetterNeedsACommand() async throws {
    let workspace = try workspace()
    let result = try await workspace.search("-m", "m.onnx", "--lower-is-better")
    #expect(result.status == 2 && result.error.contains("--lower-is-better needs --metric-command"))
  }
}
