import CommandLineKit
import Foundation
import PassPipeline
import Passes
import Rewriting

struct PassesCommand: Command {
  static let name = "passes"
  static let abstract = "list the passes, or show one with its examples"
  static let examples = [
    CommandExample("workbench passes", "all passes, a line each"),
    CommandExample("workbench passes fuse-conv-batch-norm", "what it does, and what it leaves alone"),
  ]

  @Argument("PASS", help: "the name of a pass") var pass: String?
  @Flag("--json", help: "print JSON") var json
  @Flag("--markdown", help: "print the list as a table for documentation") var markdown

  func validate() throws {
    if markdown, json || pass != nil { throw UsageError("--markdown takes neither PASS nor --json") }
  }

  func run(on terminal: Terminal) async throws -> ExitCode {
    if let pass {
      guard let type = PassRegistry.builtIn[pass] else {
        throw CommandError("there is no pass '\(pass)'", help: ["`workbench passes` lists all"])
      }
      return try show(type, on: terminal)
    }
    let entries = PassRegistry.builtIn.passes.map(Entry.init)
    if json {
      try terminal.printJSON(entries)
    } else if markdown {
      terminal.print("| pass | results | what becomes of what |\n| --- | --- | --- |")
      for entry in entries {
        // A bar would end the cell.
        let summary = entry.summary.replacing("|", with: "\\|")
        terminal.print("| `\(entry.name)` | \(entry.exactness) | \(summary) |")
      }
    } else {
      var table = Table("pass", "results", "what becomes of what")
      for entry in entries { table.add(entry.name, entry.exactness, entry.summary) }
      terminal.print(table)
    }
    return .done
  }

  private func show(_ type: any Pass.Type, on terminal: Terminal) throws -> ExitCode {
    let entry = Entry(type)
    if json {
      try terminal.printJSON(entry)
      return .done
    }
    terminal.print("\(entry.name): \(entry.summary)")
    terminal.print("results: \(entry.exactness)")
    if !entry.given.isEmpty { terminal.print("\ngiven:  \(entry.given)") }
    for example in entry.examples {
      terminal.print("\n        \(example.graph)")
      terminal.print(
        example.becomes.map { "becomes \($0)" }
          ?? "stays, since \(example.unchangedBecause ?? "no rule applies")")
    }
    return .done
  }

  private struct Entry: Encodable {
    let name: String
    let summary: String
    let exactness: String
    let given: String
    let examples: [ShownExample]

    init(_ type: any Pass.Type) {
      name = type.name
      summary = type.summary
      exactness = type.exactness.rawValue
      given = type.given
      examples = type.examples.map(ShownExample.init)
    }
  }

  private struct ShownExample: Encodable {
    let graph: String
    let becomes: String?
    let unchangedBecause: String?

    init(_ example: Example) {
      graph = example.graph
      switch example.expectation {
      case .becomes(let result): (becomes, unchangedBecause) = (result, nil)
      case .unchanged(let reason): (becomes, unchangedBecause) = (nil, reason)
      }
    }
  }
}
