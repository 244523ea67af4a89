import CommandLineKit
import Foundation
import Testing

/// What a whole call prints, where, and with which exit code.
@Suite struct CommandLineToolTests {
  @Test func resultsGoToOutputAndNotesToError() async {
    let result = await run("search", "-mm.onnx")
    #expect(result.code == .unmet)
    #expect(result.output == "searching m.onnx\n")
    #expect(result.error == "note: seed 7\n")
  }

  @Test func quietKeepsOnlyTheResults() async {
    let result = await run("search", "-mm.onnx", "--quiet")
    #expect(result.output == "searching m.onnx\n")
    #expect(result.error.isEmpty)
  }

  @Test func errorsAreReportedWithNotesAndTheWayOut() async {
    let result = await run("compare", "a", "b")
    #expect(result.code == .failed)
    #expect(
      result.error == """
        workbench: error: a cannot be read
          note: it ends early
          help: fetch it again
            then retry

        """)
  }

  @Test func wrongUsageNamesTheHelp() async {
    let result = await run("search", "--modle", "m")
    #expect(result.code == .failed)
    #expect(result.output.isEmpty)
    #expect(
      result.error == """
        workbench: error: unknown option '--modle'
          help: did you mean '--model'?
          help: see 'workbench search --help'

        """)
  }

  @Test func colorsAreForThoseWhoAsk() async {
    #expect(await run("compare", "a", "b", "--color=always").error.contains("\u{1B}[1;31merror:\u{1B}[0m"))
  }

  @Test func unknownCommandsAreGuessed() async {
    #expect(await run("comprae").error.contains("did you mean 'compare'?"))
    #expect(await run("--model", "m").error.contains("expected a command before '--model'"))
  }

  @Test func hiddenCommandsRunUnseen() async {
    #expect(await run("worker").code == .done)
    #expect(await !run("--help").output.contains("worker"))
    #expect(await !run("workr").error.contains("did you mean"))
  }

  @Test func versionIsOneLine() async {
    #expect(await run("--version").output == "workbench 1.2.3\n")
  }

  @Test func nothingToDoIsWrongUsage() async {
    let result = await run()
    #expect(result.code == .failed)
    #expect(result.error.hasPrefix("usage: workbench COMMAND"))
  }

  @Test func helpOfTheTool() async {
    let result = await run("--help")
    #expect(result.code == .done)
    #expect(
      result.output == """
        usage: workbench COMMAND [options]

        Makes networks smaller.

        commands:
          search   find what a model can do without
          compare  say whether two models agree

        general:
          --help, -h  show this help
          --version   show the version

        'workbench COMMAND --help' explains a command.

        """)
  }

  @Test(arguments: [["search", "--help"], ["help", "search"], ["search", "--modle", "-h"]])
  func helpOfACommand(arguments: [String]) async {
    let terminal = memoryTerminal()
    #expect(await tool.run(arguments, on: terminal) == .done)
    #expect(terminal.output.text == helpOfSearch)
  }
}

private let helpOfSearch = """
  usage: workbench search --model FILE [options] [EXTRA…]

  find what a model can do without

  Scores every region of the graph that can be bypassed, then combines
  them under the budget.

  options:
    --model, -m FILE     the ONNX file (required)
    --out, -o FOLDER     the result folder (default: beside the model)
    --seed N             where random numbers begin (default: 7)
    --strategies NAME,…  what to try (one of ablation, quantization,
                         pruning; default: all)
    --json, -j           print JSON
    --[no-]verify, -v    check every step (on by default)

  running:
    --threads N  threads of the runtime (default: 1)

  arguments:
    EXTRA  more files

  general:
    --quiet, -q   show no progress and no notes, only results and errors
    --color WHEN  colour the output; auto obeys NO_COLOR (one of auto,
                  always, never; default: auto)
    --help, -h    show this help

  examples:
    workbench search --model m.onnx
        the usual case

  exit codes:
    0  done
    1  the budget or the equivalence is not met
    2  wrong usage or bad input

  """
