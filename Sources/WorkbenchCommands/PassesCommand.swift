import Candidates
import CommandLineKit
import PassPipeline
import Passes

struct PassesCommand: Command {
  static let name = "passes"
  static let abstract = "list the passes and strategies, or show one with its examples"
  static let examples = [
    CommandExample("workbench passes", "all passes and strategies, a line each"),
    CommandExample("workbench passes fuse-conv-batch-norm", "what it does, and what it leaves alone"),
    CommandExample("workbench passes ablation", "the same of a strategy of the search"),
  ]

  @Argument("PASS", help: "the name of a pass or strategy") var pass: String?
  @Flag("--json", help: "print JSON") var json
  @Flag("--markdown", help: "print the list as tables for documentation") var markdown

  func validate() throws {
    if markdown, json || pass != nil { throw UsageError("--markdown takes neither PASS nor --json") }
  }

  func run(on terminal: Terminal) async throws -> ExitCode {
    if let pass {
      let entry = ShownEntry(try ExampleSource(named: pass))
      if json { try terminal.printJSON(entry) } else { terminal.print(entry.text) }
      return .done
    }
    let entries = ExampleSource.all.map(ShownEntry.init)
    if json {
      try terminal.printJSON(entries)
    } else if markdown {
      terminal.print(Self.markdown(entries))
    } else {
      var passes = Table("pass", "results", "what becomes of what")
      var strategies = Table(columns: ["strategy", "stage", .number("examples"), "what it does"])
      for entry in entries {
        if let stage = entry.stage {
          strategies.add(entry.name, stage, "\(entry.examples.count)", entry.summary)
        } else {
          passes.add(entry.name, entry.exactness, entry.summary)
        }
      }
      terminal.print(passes)
      terminal.print("")
      terminal.print(strategies)
    }
    return .done
  }

  private static func markdown(_ entries: [ShownEntry]) -> String {
    func row(_ cells: [String]) -> String {
      // A bar would end the cell.
      "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }
    let passes = entries.filter { $0.stage == nil }
      .map { row(["`\($0.name)`", $0.exactness, $0.summary]) }
    let strategies = entries.compactMap { entry in
      entry.stage.map { row(["`\(entry.name)`", $0, "\(entry.examples.count)", entry.summary]) }
    }
    return
      (["| pass | results | what becomes of what |", "| --- | --- | --- |"] + passes + [
        "", "## Strategies", "",
      ]
      + ["| strategy | stage | examples | what it does |", "| --- | --- | --- | --- |"] + strategies)
      .joined(separator: "\n")
  }
}
