import CommandLineKit
import GraphAnalysis
import GraphIR
import Rendering
import TensorCore

struct RenderCommand: Command {
  static let name = "render"
  static let abstract = "draw a model, or what changed between two"
  static let discussion = """
    The ending of --out chooses the format: .svg, .dot, .png or .pdf. With --before, the picture shows both models \
    in one: removed red, changed amber, new green.
    """
  static let examples = [
    CommandExample("workbench render -m m.onnx -o m.svg", "draw a model"),
    CommandExample("workbench render -m after.onnx --before before.onnx -o diff.svg", "draw what changed"),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath
  @Option("--out", "-o", help: "the picture") var out: FilePath
  @Option("--before", help: "an earlier state of the model") var before: FilePath?
  @Option("--theme", help: "colours", values: ["light", "dark"]) var theme = "light"
  @Flag("--expand", help: "draw every repetition of a block") var expand
  @Option(
    "--max-nodes", help: "nodes drawn at most; more fold by module, by run, by depth",
    defaultText: "500, of a diff 400", check: .range(1...RenderOptions.hardMaximumNodes))
  var maximumNodes: Int?
  @Flag("--modules", help: "outline the modules that nodes are named after") var modules = true
  @Option("--title", help: "the picture's title", defaultText: "the model's name") var title: String?
  @Flag("--force", help: "replace a file that exists") var force

  func run(on terminal: Terminal) async throws -> ExitCode {
    guard let format = PictureFormat(rawValue: out.url.pathExtension.lowercased()) else {
      throw UsageError(
        "\(out): the ending must be one of \(PictureFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    try ModelFile.requireFree(out, input: model, force: force)
    var options = RenderOptions()
    options.theme = Theme(rawValue: theme) ?? .light
    options.title = title
    options.joinsRepetitions = !expand
    options.showsModules = modules
    options.maximumNodes = maximumNodes ?? options.maximumNodes
    options.maximumDiffNodes = maximumNodes ?? options.maximumDiffNodes
    let renderer = ModelRenderer(options: options)
    let after = try typed(model)
    let picture =
      try before.map { renderer.diff(before: try typed($0), after: after) } ?? renderer.picture(of: after)
    let file = try AtomicFile(path: out.string, overwriting: force)
    try file.write(picture.render(as: format))
    try file.commit()
    terminal.note("\(out): written")
    return .done
  }

  private func typed(_ path: FilePath) throws -> Model {
    var model = try ModelFile.read(path)
    ShapeInference.run(on: &model)
    return model
  }
}
