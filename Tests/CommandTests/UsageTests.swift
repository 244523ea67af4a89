import Foundation
import Testing

/// What people type wrong, and what they ask for.
@Suite struct UsageTests {
  private static let commands = [
    "search", "opt", "compare", "render", "inspect", "print", "passes",
  ]

  @Test func theToolExplainsItself() async throws {
    let workspace = try Workspace()
    for arguments in [["--help"], ["-h"], ["help"]] {
      let help = try await workspace.run(arguments)
      #expect(help.status == 0 && help.error.isEmpty)
      #expect(
        Self.commands.allSatisfy { help.output.contains("  \($0) ") } && !help.output.contains("worker"))
    }
    let bare = try await workspace.run([])
    #expect(bare.status == 2 && bare.output.isEmpty && bare.error.contains("usage:"))
    #expect(try await workspace.run("--version").output.hasPrefix("workbench "))
  }

  @Test(arguments: commands)
  func everyCommandExplainsItself(command: String) async throws {
    let help = try await Workspace().run(command, "--help")
    #expect(help.status == 0 && help.error.isEmpty)
    #expect(help.output.contains("usage:") && help.output.contains("workbench \(command)"))
    #expect(help.output.contains("exit"))
  }

  @Test(arguments: [
    (["serch"], "unknown command 'serch'", "did you mean 'search'?"),
    (["search", "-m", "m.onnx", "--budgt", "1%"], "unknown option '--budgt'", "did you mean '--budget'?"),
    (["search"], "missing '--model FILE'", "see 'workbench search --help'"),
    (
      ["search", "-m", "m.onnx", "--budget", "lots"], "--budget lots: give a share",
      "see 'workbench search --help'"
    ),
    (
      ["search", "-m", "m.onnx", "--budget", "200%"], "--budget 200%: give a share",
      "see 'workbench search --help'"
    ),
    (["search", "-m", "m.onnx", "--threads", "0"], "'--threads' needs a value from 1 to 256", "--help"),
    (["search", "-m", "m.onnx", "--trial-timeout", "-1"], "'--trial-timeout' needs a value", "--help"),
    (["search", "-m", "m.onnx", "--strategies", "magic"], "'--strategies' needs one of ablation", "--help"),
    (["opt", "-m", "m.onnx", "-o", "o.onnx", "--passes", "fuse-everything"], "fuse-everything", "error:"),
    (
      ["opt", "-m", "m.onnx", "-o", "o.onnx", "--pipeline", "ort", "--passes", "merge-relus"], "not both",
      "error:"
    ),
    (
      ["opt", "-m", "m.onnx", "-o", "o.onnx", "--pipeline", "ort", "--target", "onnxruntime-1.20"],
      "'onnxruntime-1.20' may lack operators", "--target ort"
    ),
    (
      ["opt", "-m", "m.onnx", "-o", "o.onnx", "--pipeline", "ort", "--search-order"], "varies the exact",
      "error:"
    ),
    (["render", "-m", "m.onnx", "-o", "m.jpeg"], "m.jpeg: the ending must be one of", "svg"),
    (["render", "--chart", "m.json", "-o", "m.png"], "m.png: charts are written as .svg only", "error:"),
    (["passes", "nothing"], "there is no pass or strategy 'nothing'", "help: `workbench passes` lists all"),
  ])
  func mistakesAreExplained(arguments: [String], message: String, help: String) async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.run(arguments)
    #expect(result.status == 2 && !result.wasKilled)
    #expect(result.output.isEmpty)
    #expect(result.error.contains(message) && result.error.contains(help), "\(result.error)")
    #expect(workspace.names == ["m.onnx"])
  }

  @Test func quietLeavesOnlyResults() async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.run("render", "-m", "m.onnx", "-o", "m.dot", "--quiet")
    #expect(result.status == 0 && result.output.isEmpty && result.error.isEmpty)
  }

  @Test func coloursAreForThoseWhoWantThem() async throws {
    let workspace = try Workspace()
    let plain = try await workspace.run("inspect", "-m", "nowhere.onnx", environment: ["NO_COLOR": "1"])
    let forced = try await workspace.run("inspect", "-m", "nowhere.onnx", "--color", "always")
    #expect(!plain.error.contains("\u{1B}") && forced.error.contains("\u{1B}["))
    #expect(plain.status == 2 && forced.status == 2)
  }

  /// A reader that goes away ends no command with an error.
  @Test(arguments: ["print -m m.onnx", "passes", "search --help", "search -m m.onnx --json -q --threads 1"])
  func pipesMayCloseEarly(command: String) async throws {
    let workspace = try Workspace()
    try workspace.write(.residual, to: "m.onnx")
    let result = try await workspace.shell(
      "{ \"$W\" \(command); echo $? > status; } | head -n 1 > /dev/null")
    #expect(try workspace.text(of: "status") == "0\n", "\(result.error)")
    #expect(result.error.isEmpty || command.hasPrefix("search -m"), "\(result.error)")
  }
}
