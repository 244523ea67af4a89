import Foundation
import Testing

/// `search` from the command line to the result folder.
@Suite struct SearchCommandTests {
  private static let results = [
    "after.dot", "after.svg", "before.dot", "before.svg", "diff.dot", "diff.svg", "exact.onnx", "holdout.txt",
    "journal.sqlite", "optimized.onnx", "pareto.json", "pareto.svg", "report.html", "report.json",
    "report.md",
  ]

  private func workspaceWithData() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(400).npz(), to: "eval.npz")
    return workspace
  }

  @Test func findsDataBesideTheModelAndWritesTheResultFolder() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search("-m", "m.onnx", "--budget", "2%")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("note: data: ") && result.error.contains("eval.npz, 400 samples"))
    #expect(result.output.contains("ablation: ") && result.output.contains("m-search"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: workspace.path("m-search")).sorted() == Self.results
    )
    let chart = try await workspace.run("render", "--chart", "m-search/pareto.json", "-o", "c.svg")
    #expect(chart.status == 0, "\(chart.error)")
    #expect(try workspace.text(of: "c.svg") == workspace.text(of: "m-search/pareto.svg"))
    let before = try await nodeCount(of: "m.onnx", in: workspace)
    let after = try await nodeCount(of: "m-search/optimized.onnx", in: workspace)
    #expect(after < before)
  }

  private func nodeCount(of model: String, in workspace: Workspace) async throws -> Int {
    try #require(try await workspace.run("inspect", "-m", model, "--json").json()["nodes"] as? Int)
  }

  @Test func theReportHoldsWhatItPromises() async throws {
    let workspace = try workspaceWithData()
    _ = try await workspace.search("-m", "m.onnx", "-o", "out")
    let report = try workspace.json(of: "out/report.json")
    for key in [
      "model", "budget", "metric", "samples", "baseline", "result", "applied", "regions", "evaluations",
      "wall_seconds",
    ] {
      #expect(report[key] != nil, "\(key)")
    }
    let samples = try #require(report["samples"] as? [String: Any])
    #expect(samples["search"] as? Int == 200 && samples["holdout"] as? Int == 200)
    for part in ["baseline", "result"] {
      let variant = try #require(report[part] as? [String: Any])
      for key in ["metric", "nodes", "parameters", "bytes", "macs", "latency"] {
        #expect(variant[key] != nil, "\(part).\(key)")
      }
    }
    let regions = try #require(report["regions"] as? [[String: Any]])
    #expect(regions.count > 3)
    #expect(regions.allSatisfy { $0["metric_change"] is Double && $0["gain"] is [String: Any] })
    #expect(
      try #require(report["applied"] as? [[String: Any]]).allSatisfy {
        $0["kind"] != nil && $0["nodes"] != nil
      })
    #expect(try #require(report["evaluations"] as? Double) > 0)
  }

  @Test func sameSeedSameBytes() async throws {
    let workspace = try workspaceWithData()
    for folder in ["a", "b"] {
      let result = try await workspace.search(
        "-m", "m.onnx", "--budget", "2%", "-o", folder, "--seed", "7", "--objective", "macs")
      #expect(result.status == 0, "\(result.error)")
    }
    for name in Self.results where !name.hasPrefix("report") && !name.hasPrefix("journal") {
      #expect(try workspace.bytes(of: "a/\(name)") == workspace.bytes(of: "b/\(name)"), "\(name)")
    }
    #expect(
      try timeless(workspace.json(of: "a/report.json")) == timeless(workspace.json(of: "b/report.json")))
    let pages = try ["a", "b"].map { timeless(try workspace.text(of: "\($0)/report.html")) }
    #expect(pages[0] == pages[1] && pages[0].contains("Search") && !pages[0].contains(" ms<"))
  }

  /// The page without what is measured by the clock.
  private func timeless(_ page: String) -> String {
    page.replacing(/<dt>(Latency|Time|Cost of the search).*?<\/div>/, with: "")
      .replacing(/<th scope="row">latency, batch.*?<\/tr>/, with: "")
  }

  /// The report without what is measured by the clock.
  private func timeless(_ report: [String: Any]) throws -> Data {
    var report = report
    report["wall_seconds"] = nil
    report["runtime_seconds"] = nil
    for part in ["baseline", "result"] {
      var variant = try #require(report[part] as? [String: Any])
      variant["latency"] = nil
      report[part] = variant
    }
    return try JSONSerialization.data(withJSONObject: report, options: .sortedKeys)
  }

  /// A branch that does nothing until the fourth input is large, as it is in held-back samples only.
  private static let deceptive = TestModel(
    "deceptive",
    """
    deceptive (float[N,4] x) => (float[N,3] scores)
    <float[4,4] marker = {0,0,0,0, 0,0,0,0, 0,0,0,0, 1,1,1,1}, float five = {5},
     float[4,4] effect = {100,0,0,0, 100,0,0,0, 100,0,0,0, 100,0,0,0},
     float[4,3] head = {1,0,0, 0,1,0, 0,0,1, 0,0,0}>
    {
      a = MatMul (x, marker)
      b = Sub (a, five)
      c = Relu (b)
      d = MatMul (c, effect)
      e = Add (x, d)
      scores = MatMul (e, head)
    }
    """)

  @Test func aPlanThatFailsOnHeldBackSamplesIsExitOne() async throws {
    let workspace = try Workspace()
    try workspace.write(Self.deceptive, to: "m.onnx")
    var samples = Samples(400)
    try workspace.write(samples.npz(), to: "eval.npz")
    _ = try await workspace.search("-m", "m.onnx", "-o", "first")
    let heldBack = try workspace.text(of: "first/holdout.txt").split(separator: "\n").compactMap { Int($0) }
    #expect(heldBack.count == 200)
    for sample in 0..<samples.count {
      samples.setInput(3, of: sample, to: heldBack.contains(sample) ? 10 : 0)
    }
    try workspace.write(samples.npz(hasLabels: false), to: "eval.npz")

    let result = try await workspace.search("-m", "m.onnx", "-o", "out")
    #expect(result.status == 1 && !result.wasKilled, "\(result.output)\(result.error)")
    #expect(
      result.output.contains("not confirmed on held-back samples, so the result is the exact model; "))
    #expect(result.error.contains("note: the held-back samples were looked at"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: workspace.path("out")).sorted() == Self.results)
    #expect(try workspace.bytes(of: "out/optimized.onnx") == workspace.bytes(of: "out/exact.onnx"))
    let report = try workspace.json(of: "out/report.json")
    #expect(report["plan_failed"] as? Bool == true && (report["applied"] as? [Any])?.isEmpty == true)
    #expect((report["regions"] as? [Any])?.isEmpty == false)
  }

  @Test func withoutDataTheVerdictIsSaidToRestOnSyntheticInputs() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnxtxt")
    let result = try await workspace.search("-m", "m.onnxtxt")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("inputs are drawn from the declared types"))
    #expect(result.error.contains("this verdict rests on synthetic inputs: give data with --data"))
    #expect(try workspace.text(of: "m-search/report.md").lowercased().contains("synthetic"))
    let data = try #require(workspace.json(of: "m-search/report.json")["data"] as? [String: Any])
    #expect(data["is_synthetic"] as? Bool == true)
  }

  @Test func anEarlierResultIsNeverOverwritten() async throws {
    let workspace = try workspaceWithData()
    _ = try await workspace.search("-m", "m.onnx")
    let first = try workspace.bytes(of: "m-search/report.json")
    let second = try await workspace.search("-m", "m.onnx")
    #expect(second.status == 0 && workspace.exists("m-search-2/optimized.onnx"))
    #expect(try workspace.bytes(of: "m-search/report.json") == first)
    let refused = try await workspace.search("-m", "m.onnx", "-o", "m-search")
    #expect(refused.status == 2 && refused.error.contains("error: m-search: holds files already"))
    #expect(refused.error.contains("help: name a new folder with --out"))
    #expect(try workspace.bytes(of: "m-search/report.json") == first)
  }

  @Test func jsonIsTheReportAndNothingElse() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search("-m", "m.onnx", "-o", "out", "--json", "--quiet")
    #expect(try result.output == workspace.text(of: "out/report.json"))
    #expect(result.error.isEmpty, "\(result.error)")
  }

  @Test(arguments: TestModel.unusual)
  func unusualGraphsAreSearched(model: TestModel) async throws {
    let workspace = try Workspace()
    try workspace.write(model, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx", "-o", "out")
    #expect(result.status == 0, "\(result.error)")
    let check = try await workspace.run("compare", "--before", "m.onnx", "-m", "out/exact.onnx")
    #expect(check.status == 0, "\(check.output)\(check.error)")
  }

  @Test func anOperatorThatTheRuntimeLacksIsNamed() async throws {
    let workspace = try Workspace()
    try workspace.write(.customOperator, to: "m.onnx")
    let result = try await workspace.search("-m", "m.onnx")
    #expect(
      result.status == 2 && result.error.contains("error: m.onnx: ") && result.error.contains("com.acme"))
    #expect(workspace.names == ["m.onnx"])
  }
}

/// `--budget` and `--confidence`, from the command line to the report.
@Suite struct SearchConfidenceTests {
  private func workspace(_ count: Int) throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(count).npz(), to: "eval.npz")
    return workspace
  }

  @Test func enoughSamplesConfirmThePlan() async throws {
    let workspace = try workspace(4000)
    let result = try await workspace.search(
      "-m", "m.onnx", "--budget", "2%", "--confidence", "95%", "-o", "out")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("within the budget of 2% at "))
    let report = try workspace.json(of: "out/report.json")
    let budget = try #require(report["budget"] as? [String: Any])
    #expect(budget["confidence"] as? Double == 0.95)
    let confirmation = try #require(report["confirmation"] as? [String: Any])
    #expect(confirmation["method"] as? String == "exact")
    #expect(try #require(confirmation["certainty"] as? Double) >= 0.95)
    let looks = try #require(confirmation["looks"] as? [[String: Any]])
    let last = try #require(looks.last)
    #expect(last["is_accepted"] as? Bool == true && (last["upper_bound"] as? Double ?? 1) <= 0.02)
    #expect(try workspace.text(of: "out/report.md").contains("At 95.0 % confidence, over all looks"))
  }

  @Test func tooFewSamplesAreToldBeforeAndAfter() async throws {
    let workspace = try workspace(200)
    let result = try await workspace.search(
      "-m", "m.onnx", "--budget", "1%", "--confidence", "95%", "-o", "out")
    #expect(result.status == 1, "\(result.error)")
    #expect(result.error.contains("note: 100 held-back samples cannot show at 95 % confidence"))
    #expect(result.error.contains("of at most "))
    #expect(try workspace.bytes(of: "out/optimized.onnx") == workspace.bytes(of: "out/exact.onnx"))
    let notes = try #require(workspace.json(of: "out/report.json")["notes"] as? [String])
    #expect(notes.contains { $0.contains("100 held-back samples cannot show") })
    #expect(try workspace.text(of: "out/report.md").contains("| 1 of at most "))
  }

  @Test func withoutConfidenceTheReportSaysHowSureItIs() async throws {
    let workspace = try workspace(400)
    let result = try await workspace.search("-m", "m.onnx", "--budget", "2%", "-o", "out")
    #expect(result.status == 0)
    #expect(result.error.contains("note: 200 held-back samples can"))
    let confirmation = try #require(
      workspace.json(of: "out/report.json")["confirmation"] as? [String: Any])
    #expect(confirmation["certainty"] is Double)
    #expect(try workspace.text(of: "out/report.md").contains("No confidence was asked for"))
  }

  @Test func aBudgetOfZeroTakesOnlyWhatHasNoEffect() async throws {
    let workspace = try workspace(400)
    let result = try await workspace.search("-m", "m.onnx", "--budget", "0", "-o", "out")
    #expect(result.status == 0, "\(result.error)")
    let report = try workspace.json(of: "out/report.json")
    let loss = try #require(report["loss"] as? [String: Any])
    #expect(try #require(loss["value"] as? Double) <= 0)
    let sure = try await workspace.search(
      "-m", "m.onnx", "--budget", "0", "--confidence", "95%", "-o", "sure")
    #expect(sure.error.contains("no number of samples can show that nothing is lost"))
    #expect(try workspace.bytes(of: "sure/optimized.onnx") == workspace.bytes(of: "sure/exact.onnx"))
  }

  @Test(arguments: ["95", "100%", "40%", "high", "-1", "nan"])
  func aConfidenceThatIsNone(_ text: String) async throws {
    let workspace = try workspace(8)
    let result = try await workspace.search("-m", "m.onnx", "--confidence=\(text)")
    #expect(result.status == 2 && result.error.contains("--confidence \(text): give a level from 50%"))
    #expect(workspace.names == ["eval.npz", "m.onnx"])
  }

  @Test func negativeLabelsAreTold() async throws {
    let workspace = try workspace(100)
    try workspace.write(Samples(100).npz(label: { $0 < 30 ? -1 : Int64($0 % 3) }), to: "eval.npz")
    let result = try await workspace.search("-m", "m.onnx")
    #expect(result.status <= 1 && result.error.contains("note: 30 of 100 labels are negative"))
  }
}
