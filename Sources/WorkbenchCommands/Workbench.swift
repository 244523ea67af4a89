import CommandLineKit

/// The tool as a whole: what `workbench` without a subcommand shows.
public let workbenchTool = CommandLineTool(
  name: "workbench", version: workbenchVersion,
  abstract: "makes neural networks smaller and faster without changing what they answer, and proves it",
  discussion: """
    Start with `workbench search --model m.onnx --budget 1%`: it finds what a model does not need, measures \
    that on data, and writes a smaller model, the proof, and pictures of what changed.
    """,
  commands: [
    SearchCommand.self, ExportCommand.self, SensitivityCommand.self, OptimizeCommand.self,
    CompareCommand.self, DiffCommand.self, ProfileCommand.self, RenderCommand.self, InspectCommand.self,
    PrintCommand.self, PassesCommand.self, WorkerCommand.self, LayoutCommand.self,
  ])

let workbenchVersion = "0.1.0"
