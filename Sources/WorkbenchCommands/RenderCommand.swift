import CommandLineKit
import Evaluation
import GraphAnalysis
import GraphIR
import Rendering
import TensorCore

struct RenderCommand: Command {
  static let name = "render"
  static let abstract = "draw a model, or what changed between two"
  static let discussion = """
    The ending of --out chooses the format: .svg, .dot, .png or .pdf. With --before, the picture shows both models \
    in one: removed red, changed amber, new green. --layout side-by-side puts them beside each other, what corresponds \
    at the same height.

    Blocks that repeat, such as the layers of a transformer, are drawn once, in a box that says how often they are \
    there; --expand draws them all. They are the same by operators, attributes and types; weights may differ. Edges \
    say which repetitions they are of: "next" leads from one to the next, "first", "last" and "no. 3" are what they say.

    --overlay shows a number in each node, and shades it. latency is measured on inputs drawn from the declared types, \
    with the runtime's own optimizations off unless --optimization says otherwise: a node of the picture is then one \
    that runs. sensitivity takes the largest drop of any single change from a sweep's sensitivity.json (--from).

    --pass draws the examples of a pass, or of a strategy of the search, that it changes, before and after, instead of \
    a model. --chart draws the chart of a search or a sweep again, from its pareto.json or sensitivity.json, as .svg.
    """
  static let examples = [
    CommandExample("workbench render -m m.onnx -o m.svg", "draw a model"),
    CommandExample("workbench render -m after.onnx --before before.onnx -o diff.svg", "draw what changed"),
    CommandExample("workbench render -m m.onnx -o c.svg --around conv1 --hops 2", "draw what is near a node"),
    CommandExample("workbench render -m m.onnx -o m.svg --overlay macs", "where is the work?"),
    CommandExample(
      "workbench render -m m.onnx -o s.svg --overlay sensitivity --from m-sensitivity/sensitivity.json",
      "which nodes matter?"),
    CommandExample("workbench render --pass merge-relus -o merge-relus.svg", "what does a pass do?"),
    CommandExample("workbench render --chart m-search/pareto.json -o plans.svg", "the plans of a search"),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath?
  @Option("--pass", help: "draw the examples of this pass or strategy", placeholder: "NAME") var pass: String?
  @Option("--chart", help: "draw the chart of this pareto.json or sensitivity.json") var chart: FilePath?
  @Option(
    "--top", help: "rows of the chart of a sensitivity.json", defaultText: "40", check: .range(1...10_000))
  var top: Int?
  @Option("--out", "-o", help: "the picture") var out: FilePath
  @Option("--before", help: "an earlier state of the model") var before: FilePath?
  @Option(
    "--layout", help: "how models are laid out with --before", placeholder: "NAME",
    values: RenderOptions.DiffLayout.allCases.map(\.rawValue), defaultText: "merged")
  var layout: String?
  @Option("--theme", help: "colours", values: ["light", "dark"], defaultText: "light") var theme: String?
  @Option("--direction", help: "where a model leads", values: ["down", "right"], defaultText: "down")
  var direction: String?
  @Option("--title", help: "the picture's title", defaultText: "the model's name") var title: String?
  @Flag("--force", help: "replace a file that exists") var force
  @OptionGroup("what is drawn") var extent: PictureExtentOptions
  @OptionGroup("overlay") var overlay: OverlayOptions

  func validate() throws {
    let sources = [model.map { _ in "--model" }, pass.map { _ in "--pass" }, chart.map { _ in "--chart" }]
      .compactMap(\.self)
    guard let source = sources.first else {
      throw UsageError("missing '--model FILE', '--pass NAME' or '--chart FILE'")
    }
    if sources.count > 1 { throw UsageError("\(source) or \(sources[1]), not both") }
    if top != nil, chart == nil { throw UsageError("--top needs --chart") }
    if pass != nil, isAboutModels {
      throw UsageError("--pass takes --out, --theme, --direction, --title and --force only")
    }
    if chart != nil, isAboutModels || theme != nil || direction != nil {
      throw UsageError("--chart takes --out, --title, --top and --force only")
    }
    guard before == nil else { return }
    if extent.changesOnly { throw UsageError("--changes-only needs --before") }
    if layout != nil { throw UsageError("--layout needs --before") }
  }

  private var isAboutModels: Bool {
    before != nil || layout != nil || extent.isGiven || overlay.overlay != nil
  }

  func run(on terminal: Terminal) async throws -> ExitCode {
    guard let format = PictureFormat(rawValue: out.url.pathExtension.lowercased()) else {
      throw UsageError(
        "\(out): the ending must be one of \(PictureFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if chart != nil, format != .svg { throw UsageError("\(out): charts are written as .svg only") }
    try ModelFile.requireFree(out, input: model ?? chart ?? out, force: force)
    let file = try AtomicFile(path: out.string, overwriting: force)
    if let chart {
      try file.write(RunChart(readFrom: chart).svg(title: title, rows: top ?? RunChart.rows))
    } else {
      let drawn = try picture(terminal).drawn(as: format)
      try file.write(drawn.bytes)
      if let failure = drawn.failure { terminal.warn("\(out): boxes are left out: \(failure)") }
    }
    try file.commit()
    terminal.note("\(out): written")
    return .done
  }

  private func picture(_ terminal: Terminal) throws -> GraphPicture {
    var options = RenderOptions()
    options.theme = theme.flatMap(Theme.init) ?? .light
    options.direction = direction == "right" ? .leftToRight : .topToBottom
    options.title = title
    if let model { return try picture(of: model, options, terminal) }
    let client = EvaluationClient(libraryPath: overlay.running.runtimeLibrary?.string)
    let pictures = try ExamplePictures(pass ?? "", evaluator: WorkerConstantEvaluator(client))
    options.title = title ?? pictures.title
    return ModelRenderer(options: options).picture(of: try pictures.examples())
  }

  private func picture(of model: FilePath, _ options: RenderOptions, _ terminal: Terminal) throws
    -> GraphPicture
  {
    let after = try typed(model)
    let older = try before.map { (path: $0, model: try typed($0)) }
    var options = options
    options.diffLayout = layout.flatMap(RenderOptions.DiffLayout.init) ?? .merged
    try extent.apply(to: &options, models: [after] + (older.map { [$0.model] } ?? []))
    let renderer = ModelRenderer(options: options)
    guard let older else {
      let overlays = try overlay.overlays(of: [(model, after)], terminal)
      return renderer.picture(of: after, overlay: overlays.first)
    }
    let overlays = try overlay.overlays(of: [older, (model, after)], terminal)
    return renderer.diff(before: older.model, after: after, overlays: (overlays.first, overlays.last))
  }

  private func typed(_ path: FilePath) throws -> Model {
    var model = try ModelFile.read(path)
    ShapeInference.run(on: &model)
    return model
  }
}
