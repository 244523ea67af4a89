import CommandLineKit
import GraphAnalysis
import GraphIR
import Rendering

struct DiffCommand: Command {
  static let name = "diff"
  static let abstract = "list what differs between two models"
  static let discussion = """
    Nodes of the two models correspond by name, by what they compute, by their weights, and by their neighbours. A \
    line for each that differs: - removed, + added, ~ changed, with what changed. Whether two models give the same \
    results is what `workbench compare` measures.
    """
  static let examples = [
    CommandExample("workbench diff -m after.onnx --before before.onnx", "what did a tool do to my model?"),
    CommandExample("workbench diff -m a.onnx --before b.onnx --quiet", "only the exit code, for a script"),
  ]
  static let exitCodes = [
    ExitCode.Meaning(.done, "the models are the same but for names"),
    ExitCode.Meaning(.unmet, "they differ"),
    ExitCode.Meaning(.failed, "wrong usage, or bad input"),
  ]

  @Option("--model", "-m", help: "the model") var after: FilePath
  @Option("--before", help: "an earlier state of it") var before: FilePath
  @Flag("--json", help: "print JSON") var json

  func run(on terminal: Terminal) async throws -> ExitCode {
    let models = try (before: typed(before), after: typed(after))
    let differences = ModelDifferences(ModelComparison(models.before, models.after))
    if json {
      try terminal.printJSON(differences)
    } else if !terminal.isQuiet {
      show(differences, on: terminal)
    }
    return differences.isEmpty ? .done : .unmet
  }

  private func typed(_ path: FilePath) throws -> Model {
    var model = try ModelFile.read(path)
    ShapeInference.run(on: &model)
    return model
  }

  private func show(_ differences: ModelDifferences, on terminal: Terminal) {
    for line in differences.declarations {
      terminal.print("\(line.kind) \(line.name): \(line.before ?? "none") → \(line.after ?? "none")")
    }
    for node in differences.nodes {
      let parts = node.parts.isEmpty ? "" : ": " + node.parts.joined(separator: ", ")
      terminal.print("\(Self.symbol(of: node)) \(node.op) \(node.name)\(parts)")
    }
    let counts = Mark.allCases.map { "\(differences.count($0)) \($0.label)" }.joined(separator: ", ")
    terminal.print("nodes: \(counts), \(differences.unchanged) the same")
  }

  /// In ASCII, since scripts read it.
  private static func symbol(of node: ModelDifferences.Node) -> String {
    switch node.change {
    case Mark.removed.name: "-"
    case Mark.added.name: "+"
    default: "~"
    }
  }
}
