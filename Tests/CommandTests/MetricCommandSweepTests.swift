import Foundation
import Testing

/// A sweep whose changes a program of the user's judges.
@Suite struct MetricCommandSweepTests {
  private func workspace(hasLabels: Bool = true) throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(400).npz(hasLabels: hasLabels), to: "eval.npz")
    try workspace.write(JudgeScript.text, to: "judge.sh")
    return workspace
  }

  private func sweep(
    _ workspace: Workspace, _ arguments: String..., out: String = "out",
    trouble: (at: Int, does: String)? = nil,
    environment: [String: String] = [:]
  ) async throws -> ToolResult {
    var variables = ["LOG": workspace.path("log")].merging(environment) { $1 }
    if let trouble { (variables["TROUBLE"], variables["TROUBLE_AT"]) = (trouble.does, "\(trouble.at)") }
    return try await workspace.run(
      [
        "sensitivity", "--threads", "1", "-m", "m.onnx", "--strategies", "ablation", "--no-latency", "-o",
        out,
        "--metric-command", "WORKBENCH=$PPID sh judge.sh",
      ] + arguments, environment: variables)
  }

  private func changes(_ workspace: Workspace, _ folder: String = "out") throws -> [[String: Any]] {
    try #require(try workspace.json(of: "\(folder)/sensitivity.json")["changes"] as? [[String: Any]])
  }

  private func effect(_ change: [String: Any]) -> [String: Any]? {
    (change["refitted"] ?? change["bare"]) as? [String: Any]
  }

  private func drop(_ change: [String: Any]) -> Double? {
    (effect(change)?["drop"] as? [String: Double])?["value"]
  }

  /// The script counts what is right, as the accuracy does: the original whole, which all samples that choose tell
  /// first, and each model without each of 8 groups.
  @Test func theNumberIsWhatDrops() async throws {
    let workspace = try workspace()
    let result = try await sweep(workspace)
    #expect(
      result.status == 0 && result.output.contains("a score of the metric command of"), "\(result.error)")
    let plain = try await workspace.run(
      "sensitivity", "--threads", "1", "-m", "m.onnx", "--strategies", "ablation", "--no-latency", "-o",
      "plain")
    #expect(plain.status == 0)
    let (judged, scored) = (try changes(workspace), try changes(workspace, "plain"))
    #expect(judged.count == scored.count && judged.count > 2)
    for change in judged {
      let other = try #require(scored.first { $0["title"] as? String == change["title"] as? String })
      #expect(try abs(#require(drop(change)) - #require(drop(other))) < 1e-5)
      #expect(effect(change)?["method"] as? String == "jackknife")
      #expect(effect(change)?["sqnr_decibels"] as? Double == effect(other)?["sqnr_decibels"] as? Double)
    }
    #expect(try workspace.judgements() == 9 + 9 * judged.count)
    let report = try workspace.json(of: "out/sensitivity.json")
    #expect(report["metric_command"] as? String == "WORKBENCH=$PPID sh judge.sh")
    for file in ["sensitivity.md", "report.html", "sensitivity.svg"] {
      #expect(try workspace.text(of: "out/\(file)").contains("jackknife"), "\(file)")
    }
  }

  @Test func lessCanBeBetter() async throws {
    let workspace = try workspace()
    #expect(try await sweep(workspace).status == 0)
    let reversed = try await sweep(
      workspace, "--lower-is-better", out: "reversed", environment: ["SIGN": "-1"])
    #expect(reversed.status == 0, "\(reversed.error)")
    #expect(try changes(workspace).map(drop) == changes(workspace, "reversed").map(drop))
    #expect(
      try workspace.text(of: "reversed/sensitivity.svg").contains("rise of score of the metric command"))
  }

  @Test func labelsAreTheCommandsAffair() async throws {
    let workspace = try workspace(hasLabels: false)
    let result = try await sweep(workspace, "--json")
    #expect(result.status == 0, "\(result.error)")
    let changes = try #require(try result.json()["changes"] as? [[String: Any]])
    #expect(changes.contains { abs(drop($0) ?? 0) > 0 })
  }

  /// The first change is judged by the runs 10 to 18.
  @Test(arguments: [
    ("echo overflow >&2; exit 1", "the metric command ended with status 1: overflow"),
    ("echo well done", "printed 'well done' on its last line, which is no number"),
    ("true", "the metric command printed nothing"), ("kill -9 $$", "the metric command "),
  ]) func whatCannotBeJudgedIsAFailureOfTheChange(does: String, message: String) async throws {
    let workspace = try workspace()
    let result = try await sweep(workspace, trouble: (at: 20, does: does))
    #expect(result.status == 0, "\(result.error)")
    let changes = try changes(workspace)
    let failed = changes.filter { $0["failure"] != nil }
    #expect(failed.count == changes.count - 1 && changes.count > 2)
    #expect(failed.allSatisfy { ($0["failure"] as? String)?.contains(message) == true && drop($0) == nil })
    #expect(result.error.contains("\(failed.count) of \(changes.count) changes failed"))
    // One run for each that fails, after one of the second change that came through.
    #expect(try workspace.judgements() == 19 + failed.count)
  }

  @Test func aHangEndsAtTheLimit() async throws {
    let workspace = try workspace()
    let result = try await sweep(
      workspace, "--trial-timeout", "5",
      trouble: (at: 22, does: "test -f hung || { touch hung; sleep 1000; }; echo 0"))
    #expect(result.status == 0, "\(result.error)")
    let failures = try changes(workspace).compactMap { $0["failure"] as? String }
    #expect(failures == ["the metric command gave no answer in 5.0 s"])
  }

  @Test(arguments: [1, 5]) func anOriginalThatCannotBeJudgedEndsTheSweep(at run: Int) async throws {
    let workspace = try workspace()
    let result = try await sweep(workspace, trouble: (at: run, does: "echo 'cannot judge' >&2; exit 4"))
    #expect(result.status == 2)
    #expect(result.error.contains("the metric command ended with status 4: cannot judge"), "\(result.error)")
    #expect(!workspace.exists("out"))
  }

  @Test func anInterruptEndsTheCommandAndKeepsWhatWasMeasured() async throws {
    let workspace = try workspace()
    let result = try await sweep(
      workspace, "--trial-timeout", "600", trouble: (at: 22, does: "kill -INT $WORKBENCH; sleep 1000"))
    #expect(result.status == 0 && !result.wasKilled, "\(result.error)")
    #expect(try workspace.json(of: "out/sensitivity.json")["was_interrupted"] as? Bool == true)
    let changes = try changes(workspace)
    #expect(changes.count == 1 && changes.allSatisfy { $0["failure"] == nil })
  }

  /// Numbers of different commands have nothing to do with each other.
  @Test func aSearchShowsOnlySweepsOfItsOwnCommand() async throws {
    let workspace = try workspace()
    #expect(try await sweep(workspace, out: "m-sensitivity").status == 0)
    for (command, isShown) in [("WORKBENCH=$PPID sh judge.sh", true), ("sh ./judge.sh", false)] {
      let run = try await workspace.run(
        [
          "search", "-m", "m.onnx", "--threads", "1", "--objective", "macs", "--strategies", "ablation", "-o",
          "run\(isShown)", "--metric-command", command,
        ], environment: ["LOG": workspace.path("log")])
      #expect(run.status == 0, "\(run.error)")
      #expect(try workspace.text(of: "run\(isShown)/report.html").contains("wide heat") == isShown)
    }
  }

  @Test func optionsThatMakeNoSenseAreRefused() async throws {
    let workspace = try workspace()
    let alone = try await workspace.run("sensitivity", "-m", "m.onnx", "--lower-is-better")
    #expect(alone.status == 2 && alone.error.contains("--lower-is-better needs --metric-command"))
    let empty = try await workspace.run("sensitivity", "-m", "m.onnx", "--metric-command", " ")
    #expect(empty.status == 2 && empty.error.contains("--metric-command: is empty"))
  }
}
