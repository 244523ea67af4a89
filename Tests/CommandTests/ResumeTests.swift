import Foundation
import Testing

/// A search that is cut short goes on where it was.
@Suite struct ResumeTests {
  private static let options = "-m m.onnx --budget 2% --objective macs --threads 1"

  private func workspaceWithData() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(400).npz(), to: "eval.npz")
    return workspace
  }

  @Test(arguments: [0.3, 0.8, 1.6])
  func killedAtAnyMomentItEndsAtTheSameResult(seconds: Double) async throws {
    let workspace = try workspaceWithData()
    let whole = try await workspace.shell("\"$W\" search \(Self.options) -o whole")
    #expect(whole.status == 0, "\(whole.error)")
    _ = try await workspace.shell(
      "\"$W\" search \(Self.options) -o cut & p=$!; sleep \(seconds); kill -9 $p; wait $p")
    let hasBegun = FileManager.default.fileExists(atPath: workspace.path("cut/journal.sqlite"))
    let resumed = try await workspace.shell(
      "\"$W\" search \(Self.options) -o cut \(hasBegun ? "--resume" : "")")
    #expect(resumed.status == 0, "\(resumed.error)")
    #expect(try workspace.bytes(of: "cut/optimized.onnx") == workspace.bytes(of: "whole/optimized.onnx"))
    let reports = try ["cut", "whole"].map { try workspace.json(of: "\($0)/report.json") }
    #expect(reports[0]["applied"] as? NSArray == reports[1]["applied"] as? NSArray)
    #expect(reports[0]["evaluations"] as? Double == reports[1]["evaluations"] as? Double)
  }

  @Test func aRunThatIsDoneIsReplayed() async throws {
    let workspace = try workspaceWithData()
    // Measured latencies come from the journal, so that the same plan wins.
    let command = "\"$W\" search -m m.onnx --budget 2% --threads 1 -o out"
    #expect(try await workspace.shell(command).status < 2)
    let before = try workspace.bytes(of: "out/optimized.onnx")
    #expect(try await workspace.shell(command + " --resume").status < 2)
    #expect(try workspace.bytes(of: "out/optimized.onnx") == before)
  }

  @Test func anotherSearchIsNotResumed() async throws {
    let workspace = try workspaceWithData()
    let none = try await workspace.shell("\"$W\" search \(Self.options) --resume")
    #expect(none.status == 2 && none.error.contains("no earlier run to resume"))
    _ = try await workspace.shell("\"$W\" search \(Self.options) -o out")
    let other = try await workspace.shell("\"$W\" search \(Self.options) -o out --resume --seed 7")
    #expect(other.status == 2 && other.error.contains("seed was 0, and is 7"), "\(other.error)")
    #expect(FileManager.default.fileExists(atPath: workspace.path("out/optimized.onnx")))
  }

  @Test func twoSearchesCannotShareAFolder() async throws {
    let workspace = try workspaceWithData()
    _ = try await workspace.shell("\"$W\" search \(Self.options) -o out")
    let both = try await workspace.shell(
      """
      "$W" search \(Self.options) -o out --resume --quiet >/dev/null 2>first & p=$!
      "$W" search \(Self.options) -o out --resume --quiet 2>second; a=$?
      wait $p; b=$?; cat first second >&2; exit $((a + b))
      """)
    // Whichever came first; or one was done before the other looked.
    #expect(
      both.status == 0 || both.status == 2 && both.error.contains("another run is working in this folder"))
  }

  @Test func aJournalThatIsNoneIsRefused() async throws {
    let workspace = try workspaceWithData()
    _ = try await workspace.shell(
      "mkdir out; echo nonsense, and long enough for a header of a database >out/journal.sqlite")
    let result = try await workspace.shell("\"$W\" search \(Self.options) -o out --resume")
    #expect(result.status == 2 && result.error.contains("journal.sqlite: the journal cannot be used"))
  }

  @Test func aTimeLimitEndsWithTheBestPlanSoFar() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.shell("\"$W\" search \(Self.options) -o out --time-limit 1")
    #expect(
      result.status == 0 || result.status == 2 && result.error.contains("before the original was measured"))
  }
}
