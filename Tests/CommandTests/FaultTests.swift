import Foundation
import Testing

/// A runtime that crashes or hangs, an interrupt, a full disk: what was found is kept, and what cannot be
/// done ends in a message.
@Suite struct FaultTests {
  private func workspaceWithData() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    try workspace.write(Samples(400).npz(), to: "eval.npz")
    return workspace
  }

  private func failures(_ workspace: Workspace) throws -> [String] {
    let regions = try #require(workspace.json(of: "out/report.json")["regions"] as? [[String: Any]])
    return regions.compactMap { $0["failure"] as? String }
  }

  // MARK: The runtime

  /// A worker makes sessions for the original, for its parts, and for each candidate in turn: the later ones
  /// of any worker are candidates.
  @Test func aCrashCostsOneCandidate() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search(
      "-m", "m.onnx", "-o", "out",
      environment: ["WORKBENCH_WORKER_FAULT": "crash-on-session:12:\(workspace.path("once"))"])
    #expect(result.status == 0, "\(result.error)")
    #expect(workspace.exists("once"))
    let failures = try failures(workspace)
    #expect(failures.count == 1 && failures.allSatisfy { $0.contains("crashed by signal 11") }, "\(failures)")
    #expect(try workspace.text(of: "out/report.md").contains("crashed by signal 11"))
    #expect(result.error.contains("candidates failed when they were tried"))
  }

  @Test func aHangCostsOneCandidateAndItsTimeout() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search(
      "-m", "m.onnx", "-o", "out", "--trial-timeout", "6",
      environment: ["WORKBENCH_WORKER_FAULT": "hang-on-evaluate:24:\(workspace.path("once"))"])
    #expect(result.status == 0, "\(result.error)")
    #expect(workspace.exists("once"))
    #expect(try failures(workspace).allSatisfy { $0.contains("no answer in 6.0 s") })
    #expect(try failures(workspace).count == 1)
  }

  /// Wherever in the search a worker is lost, a second does what the search cannot do without.
  @Test(arguments: [
    "crash-on-start:1", "crash-on-dataset:1", "crash-on-evaluate:1", "crash-on-evaluate:3",
    "exit-on-evaluate:5",
    "garbage-on-evaluate:2", "crash-on-latency:1",
  ])
  func oneLostWorkerEndsNoSearch(fault: String) async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search(
      "-m", "m.onnx", "-o", "out",
      environment: ["WORKBENCH_WORKER_FAULT": "\(fault):\(workspace.path("once"))"])
    #expect(result.status == 0 && workspace.exists("once"), "\(result.error)")
    #expect(workspace.exists("out/report.json"))
  }

  @Test func aModelThatCrashesTheRuntimeIsNamed() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search(
      "-m", "m.onnx", environment: ["WORKBENCH_WORKER_FAULT": "crash-on-session:1"])
    #expect(result.status == 2 && !result.wasKilled)
    #expect(
      result.error.contains("error: m.onnx: ") && result.error.contains("crashed by signal 11"),
      "\(result.error)")
    #expect(workspace.names == ["eval.npz", "m.onnx"])
  }

  /// All constants run together first, which `refused` fails; then each alone, and `first` is the second run.
  private static let constants = TestModel(
    "constants",
    """
    g (float[4] x) => (float[4] y) <float[4] a = {1,2,3,4}, int64 far = {9}> {
      [first] p = Neg (a)
      [refused] q = Gather (a, far)
      [last] r = Exp (a)
      s = Add (x, p)
      t = Add (s, q)
      y = Add (t, r)
    }
    """)

  @Test(arguments: ["crash", "exit", "garbage"])
  func aConstantThatTheRuntimeDiesOfStays(fault: String) async throws {
    let workspace = try Workspace()
    try workspace.write(Self.constants, to: "m.onnxtxt")
    let result = try await workspace.run(
      "opt", "-m", "m.onnxtxt", "-o", "o.onnxtxt", "--passes", "fold-constants",
      environment: ["WORKBENCH_WORKER_FAULT": "\(fault)-on-run:2:\(workspace.path("once"))"])
    #expect(result.status == 0 && !result.wasKilled, "\(result.error)")
    let notes = result.error.split(separator: "\n")
      .filter { $0.contains("could not be computed: the worker") }
    #expect(notes.count == 1 && notes.allSatisfy { $0.contains("'first' (Neg)") }, "\(result.error)")
    let text = try workspace.text(of: "o.onnxtxt")
    #expect(text.contains("Neg") && text.contains("Gather") && !text.contains("Exp"), "\(text)")
  }

  /// The original runs on three draws first, then the result.
  @Test(arguments: ["crash-on-session:2", "crash-on-run:4", "exit-on-run:1", "garbage-on-session:1"])
  func oneLostWorkerEndsNoProof(fault: String) async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.run(
      "opt", "-m", "m.onnx", "-o", "o.onnx", "--check",
      environment: ["WORKBENCH_WORKER_FAULT": "\(fault):\(workspace.path("once"))"])
    #expect(result.status == 0 && workspace.exists("once"), "\(result.error)")
    #expect(result.output.contains("same results on 3 draws"), "\(result.output)")
  }

  @Test func aMissingRuntimeIsOneSentence() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search("-m", "m.onnx", "--ort-lib", "nowhere.so")
    #expect(result.status == 2 && result.error.contains("nowhere.so") && result.error.contains("make setup"))
    #expect(workspace.names == ["eval.npz", "m.onnx"])
  }

  // MARK: Pictures

  /// A search of hours must not end while it draws.
  @Test func aSearchSurvivesItsPictures() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search(
      "-m", "m.onnx", "-o", "out", environment: ["WORKBENCH_LAYOUT_FAULT": "crash"])
    #expect(result.status == 0 && !result.wasKilled, "\(result.error)")
    let sentence = "before.svg is missing: Graphviz crashed by signal 11"
    #expect(result.error.contains("warning: \(sentence)"), "\(result.error)")
    for name in ["optimized.onnx", "before.dot", "pareto.svg", "report.html"] {
      #expect(workspace.exists("out/\(name)"), "\(name)")
    }
    #expect(!workspace.exists("out/before.svg") && !workspace.exists("out/diff.svg"))
    #expect(try workspace.text(of: "out/report.md").contains(sentence))
    let notes = try #require(workspace.json(of: "out/report.json")["notes"] as? [String])
    #expect(notes.count { $0.contains("is missing: Graphviz crashed") } == 3)
  }

  /// Only the diff has a legend for what is unchanged.
  @Test func onePictureThatFailsIsTheOnlyOneMissing() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.search(
      "-m", "m.onnx", "-o", "out", environment: ["WORKBENCH_LAYOUT_FAULT": "exit-at:unchanged"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("diff.svg is missing: Graphviz could not lay out the graph"))
    #expect(!workspace.exists("out/diff.svg") && workspace.exists("out/diff.dot"))
    #expect(try workspace.text(of: "out/before.svg").contains("</svg>"))
    let page = try workspace.text(of: "out/report.html")
    #expect(page.contains("value=\"picture-1\"") && !page.contains("value=\"picture-2\""))
  }

  @Test func aSweepSurvivesItsPicture() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.run(
      "sensitivity", "-m", "m.onnx", "-o", "out", "--no-latency", "--threads", "1", "--strategies",
      "ablation", environment: ["WORKBENCH_LAYOUT_FAULT": "exit"])
    #expect(result.status == 0, "\(result.error)")
    #expect(
      result.error.contains(
        "warning: report.html has no picture of the model: Graphviz could not lay out the graph"))
    #expect(workspace.exists("out/report.html") && workspace.exists("out/sensitivity.json"))
  }

  @Test func aPictureThatCannotBeDrawnIsAnError() async throws {
    let workspace = try workspaceWithData()
    let result = try await workspace.run(
      "render", "-m", "m.onnx", "-o", "p.svg", environment: ["WORKBENCH_LAYOUT_FAULT": "crash"])
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.error.contains("error: Graphviz crashed by signal 11"), "\(result.error)")
    #expect(workspace.names == ["eval.npz", "m.onnx"])
  }

  // MARK: Ctrl-C

  /// A search that is interrupted as soon as a candidate hangs.
  private func interruptedSearch(_ workspace: Workspace, timeout: String, times: Int) async throws
    -> ToolResult
  {
    let tool = try workspace.start(
      "search", "-m", "m.onnx", "-o", "out", "--threads", "1", "--trial-timeout", timeout,
      environment: ["WORKBENCH_WORKER_FAULT": "hang-on-evaluate:24:\(workspace.path("once"))"])
    // A thread of its own: tests that block would let the moment pass. The second interrupt follows as soon as the
    // first was taken: a small search ends within a moment.
    Thread.detachNewThread {
      Self.wait { workspace.exists("once") }
      for _ in 0..<times {
        tool.interrupt()
        Self.wait { tool.errorSoFar.contains("ending cleanly") }
      }
    }
    return try await tool.finish()
  }

  private static func wait(atMost seconds: Double = 60, until isSo: () -> Bool) {
    let end = Date(timeIntervalSinceNow: seconds)
    while !isSo(), Date() < end { usleep(1000) }
  }

  /// Whatever time the run under way may take: it is given up.
  @Test func theFirstInterruptEndsCleanly() async throws {
    let workspace = try workspaceWithData()
    let start = ContinuousClock.now
    let result = try await interruptedSearch(workspace, timeout: "600", times: 1)
    #expect(ContinuousClock.now - start < .seconds(590))
    #expect(result.status == 0 && !result.wasKilled, "\(result.error)")
    #expect(result.error.contains("ending cleanly; once more to end at once"))
    #expect(try workspace.json(of: "out/report.json")["was_interrupted"] as? Bool == true)
    #expect(workspace.exists("out/optimized.onnx"))
    #expect(result.error.contains("the search was interrupted; this is the best plan until then"))
    #expect(try failures(workspace).isEmpty)
  }

  @Test func theSecondInterruptEndsAtOnce() async throws {
    let workspace = try workspaceWithData()
    let model = try workspace.bytes(of: "m.onnx")
    let result = try await interruptedSearch(workspace, timeout: "60", times: 2)
    #expect(result.wasKilled && result.status == SIGINT)
    #expect(try workspace.bytes(of: "m.onnx") == model)
  }

  // MARK: Places that take no file

  @Test(arguments: [
    ["search", "-o", "file/out"], ["opt", "-o", "file/out.onnx"], ["opt", "-o", "file/out.onnxtxt"],
    ["render", "-o", "file/out.svg"], ["search", "-o", "/proc/out"], ["opt", "-o", "/proc/out.onnx"],
    ["render", "-o", "nowhere/out.svg"], ["opt", "-o", "nowhere/out.onnx"],
  ])
  func aFolderThatCannotBeWrittenToIsNamed(arguments: [String]) async throws {
    let workspace = try workspaceWithData()
    try workspace.write("precious", to: "file")
    let before = workspace.names
    let result = try await workspace.run([arguments[0], "-m", "m.onnx"] + arguments[1...])
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.error.contains(arguments[2]), "\(result.error)")
    #expect(workspace.names == before)
    #expect(try workspace.text(of: "file") == "precious")
  }

  /// A limit on the size of files fails as a full disk does: with an error from `write`.
  private static let limited = "trap '' XFSZ; ulimit -f 4; "

  @Test func aFullDiskLeavesTheOldFileAndNothingElse() async throws {
    let workspace = try Workspace()
    try workspace.write(.large, to: "m.onnx")
    try workspace.write("precious", to: "old.onnx")
    for name in ["new.onnx", "old.onnx", "new.onnxtxt"] {
      let result = try await workspace.shell(Self.limited + "\"$W\" opt -m m.onnx -o \(name) --force")
      #expect(result.status == 2 && !result.wasKilled, "\(name): \(result.error)")
      #expect(
        result.error.contains("error: \(name): ") && result.error.lowercased().contains("file too large"))
    }
    #expect(workspace.names == ["m.onnx", "old.onnx"])
    #expect(try workspace.text(of: "old.onnx") == "precious")
  }

  @Test func aSearchOnAFullDiskLeavesNothing() async throws {
    let workspace = try Workspace()
    try workspace.write(.large, to: "m.onnx")
    let result = try await workspace.shell(Self.limited + "\"$W\" search -m m.onnx --threads 1")
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.error.contains("journal.sqlite: the journal cannot be used"), "\(result.error)")
    #expect(workspace.names == ["m.onnx"])
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: ["print", "inspect", "inspect --json"])
  func standardOutputOnAFullDiskIsAFailure(command: String) async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.shell("\"$W\" \(command) -m m.onnx > /dev/full")
    #expect(
      result.status == 2 && result.error.contains("cannot write to standard output: No space left on device"))
  }
}
