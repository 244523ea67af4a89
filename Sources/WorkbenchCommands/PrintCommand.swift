import CommandLineKit
import GraphIR

struct PrintCommand: Command {
  static let name = "print"
  static let abstract = "print a model in ONNX's textual syntax"
  static let discussion = """
    Large tensors are left out so that people can read the result; with --full the text is the whole model, and \
    every command reads it back from a file that ends in .onnxtxt.
    """
  static let examples = [
    CommandExample("workbench print -m m.onnx", "show the graph"),
    CommandExample("workbench print -m m.onnx --full > m.onnxtxt", "turn the model into text"),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath
  @Flag("--full", help: "print every element of every tensor") var full

  func run(on terminal: Terminal) async throws -> ExitCode {
    let named = try ModelFile.read(model).named()
    let printer = full ? ModelPrinter() : ModelPrinter(largeTensors: .leaveOut, elementStyle: .values)
    terminal.output.write(printer.print(named))
    return .done
  }
}
