import Foundation
import Testing

/// `sensitivity` makes every change alone.
@Suite struct SensitivityTests {
  private static let results = [
    "exact.onnx", "report.html", "samples.txt", "sensitivity.csv", "sensitivity.json", "sensitivity.md",
    "sensitivity.svg",
  ]

  private func workspaceWithData() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(400).npz(), to: "eval.npz")
    return workspace
  }

  @Test func everyChangeIsMeasured() async throws {
    let workspace = try workspaceWithData()
    let run = try await workspace.run(
      "sensitivity", "-m", "m.onnx", "--threads", "1", "--latency-seconds", "0.01", "-o", "out")
    #expect(run.status == 0, "\(run.error)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: workspace.path("out")).sorted() == Self.results)
    let report = try workspace.json(of: "out/sensitivity.json")
    let changes = try #require(report["changes"] as? [[String: Any]])
    #expect(
      Set(changes.compactMap { $0["strategy"] as? String }).isSuperset(of: ["ablation", "static-int8"]))
    #expect(report["change_count"] as? Int == changes.count && report["samples"] as? Int == 200)
    for change in changes where change["failure"] == nil {
      let drop = (change["bare"] as? [String: Any])?["drop"] as? [String: Double]
      let (lower, value, upper) = (drop?["lower"] ?? 1, drop?["value"] ?? 0, drop?["upper"] ?? -1)
      #expect(lower <= value && value <= upper)
    }
    #expect(
      try workspace.text(of: "out/sensitivity.csv").split(whereSeparator: \.isNewline).count == changes.count
        + 1)
    #expect(try workspace.text(of: "out/sensitivity.svg").hasSuffix("</svg>\n"))
    #expect(try workspace.text(of: "out/samples.txt").split(separator: "\n").count == 200)
  }

  @Test func theSameSweepGivesTheSameFiles() async throws {
    let workspace = try workspaceWithData()
    for out in ["a", "b"] {
      let run = try await workspace.run(
        "sensitivity", "-m", "m.onnx", "--threads", "1", "--no-latency", "-o", out)
      #expect(run.status == 0, "\(run.error)")
    }
    for name in ["exact.onnx", "samples.txt", "sensitivity.csv", "sensitivity.svg"] {
      #expect(try workspace.bytes(of: "a/\(name)") == workspace.bytes(of: "b/\(name)"), "\(name)")
    }
  }

  @Test func whatCannotBeMeasuredIsTold() async throws {
    let workspace = try workspaceWithData()
    let none = try await workspace.run("sensitivity", "-m", "m.onnx", "--layers", "nowhere*", "-o", "out")
    #expect(none.status == 2 && none.error.contains("no change touches a layer that matches 'nowhere*'"))
    #expect(!FileManager.default.fileExists(atPath: workspace.path("out")))
    let clash = try await workspace.run("sensitivity", "-m", "m.onnx", "--no-latency", "--gain", "latency")
    #expect(clash.status == 2 && clash.error.contains("--no-latency"))
  }

  /// By the same metric of the same model only; a file that is none is nobody's.
  @Test func aSearchShowsTheSweepBesideTheModel() async throws {
    let workspace = try workspaceWithData()
    _ = try await workspace.run(
      "sensitivity", "-m", "m.onnx", "--threads", "1", "--no-latency", "--strategies", "ablation")
    #expect(try workspace.text(of: "m-sensitivity/report.html").contains("class=\"wide heat\""))
    func page(_ folder: String, _ arguments: String...) async throws -> String {
      let run = try await workspace.run(
        ["search", "-m", "m.onnx", "--threads", "1", "--objective", "macs", "-o", folder] + arguments)
      #expect(run.status == 0, "\(run.error)")
      return try workspace.text(of: "\(folder)/report.html")
    }
    #expect(try await page("a", "--strategies", "ablation").contains("m-sensitivity</code>"))
    #expect(try await !page("b", "--strategies", "ablation", "--metric", "agreement").contains("wide heat"))
    try workspace.write("{\"changes\": 1}", to: "m-sensitivity/sensitivity.json")
    #expect(try await !page("c", "--strategies", "ablation").contains("wide heat"))
  }
}
