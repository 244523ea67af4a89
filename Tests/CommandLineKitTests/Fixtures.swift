import CommandLineKit

enum Strategy: String, CaseIterable, OptionValue { case ablation, quantization, pruning }

struct RunningOptions: ParameterGroup {
  @Option("--threads", help: "threads of the runtime", check: .range(1...64)) var threads = 1

  func validate() throws {
    if threads == 13 { throw UsageError("13 threads bring bad luck") }
  }
}

/// Has one parameter of each kind.
struct Search: Command {
  static let name = "search"
  static let abstract = "find what a model can do without"
  static let discussion = """
    Scores every region of the graph that can be bypassed, then combines
    them under the budget.
    """
  static let examples = [CommandExample("workbench search --model m.onnx", "the usual case")]

  @Option("--model", "-m", help: "the ONNX file") var model: FilePath
  @Option("--out", "-o", help: "the result folder", placeholder: "FOLDER", defaultText: "beside the model")
  var out: FilePath?
  @Option("--seed", help: "where random numbers begin") var seed = 7
  @Option("--strategies", help: "what to try", defaultText: "all") var strategies: [Strategy] = []
  @Flag("--json", "-j", help: "print JSON") var json
  @Flag("--verify", "-v", help: "check every step") var verify = true
  @OptionGroup("running") var running: RunningOptions
  @Argument("EXTRA", help: "more files") var extra: [FilePath]

  func run(on terminal: Terminal) async throws -> ExitCode {
    terminal.print("searching \(model)")
    terminal.note("seed \(seed)")
    return .unmet
  }
}

struct Compare: Command {
  static let name = "compare"
  static let abstract = "say whether two models agree"

  @Argument("FIRST", help: "an ONNX file") var first: FilePath
  @Argument("SECOND", help: "another one") var second: FilePath
  @Argument("DATA", help: "inputs", defaultText: "drawn") var data: FilePath?

  func run(on terminal: Terminal) async throws -> ExitCode {
    throw CommandError(
      "\(first) cannot be read", notes: ["it ends early"], help: ["fetch it again\nthen retry"])
  }
}

struct Worker: Command {
  static let name = "worker"
  static let abstract = "serve trials"
  static let isHidden = true

  func run(on terminal: Terminal) async throws -> ExitCode { .done }
}

let tool = CommandLineTool(
  name: "workbench", version: "1.2.3", abstract: "Makes networks smaller.",
  commands: [Search.self, Compare.self, Worker.self])

func memoryTerminal(isTerminal: Bool = false, isQuiet: Bool = false, width: Int = 72) -> Terminal {
  Terminal(
    output: Output(.memory, isTerminal: isTerminal, width: width),
    error: Output(.memory, isTerminal: isTerminal, width: width), isQuiet: isQuiet)
}

/// What the tool says and returns when it is called with `arguments`.
func run(_ arguments: String...) async -> (code: ExitCode, output: String, error: String) {
  let terminal = memoryTerminal()
  let code = await tool.run(arguments, on: terminal)
  return (code: code, output: terminal.output.text, error: terminal.error.text)
}
