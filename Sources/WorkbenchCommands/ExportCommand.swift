import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import Journal
import Reporting
import Search

struct ExportCommand: Command {
  static let name = "export"
  static let abstract = "write another plan that a search has measured"
  static let discussion = """
    A search measures many plans and chooses one. Without --point, this lists them: what each loses on the samples \
    that chose, what it costs next to the exact model, and which are on the Pareto front (no other loses less and \
    gains more).

    With --point, that plan's model is written. It is measured on the held-back samples first, which every export \
    looks at once more: with a confidence, each look has half of what is left of the error probability, so that the \
    guarantee holds for all of them together. The model is written in any case; the exit code tells whether it is \
    within the budget.

    The model and the data have to be where they were.
    """
  static let examples = [
    CommandExample("workbench export m-search", "list the plans"),
    CommandExample("workbench export m-search --point 3 -o m3.onnx", "write one of them"),
  ]
  static let exitCodes = [
    ExitCode.Meaning(.done, "the plan is within the budget on held-back samples"),
    ExitCode.Meaning(.unmet, "it was written, but is not within the budget there"),
    ExitCode.Meaning(.failed, "wrong usage, or bad input"),
  ]

  @Argument("RUN", help: "the result folder of a search") var run: FilePath
  @Option("--point", help: "which plan to write, by its number", check: .atLeast(0)) var point: Int?
  @Option("--out", "-o", help: "the file to write", defaultText: "point-N.onnx in the result folder")
  var out: FilePath?
  @Flag("--force", "-f", help: "replace an existing file") var force
  @Flag("--json", help: "print JSON") var json

  func validate() throws {
    guard point == nil, out != nil || force else { return }
    throw UsageError("--out and --force need --point: which plan is to be written?")
  }

  func run(on terminal: Terminal) async throws -> ExitCode {
    let search = try SearchCommand(ofRunIn: run)
    guard let point else {
      try list(PlanPoint.all(in: Journal(reading: SearchCommand.journalPath(in: run.url.path))), on: terminal)
      return .done
    }
    let path = out ?? FilePath(run.url.appending(path: "point-\(point).onnx").path)
    try ModelFile.requireFree(path, input: search.model, force: force)
    let outcome = try export(point, of: search, to: path, on: terminal)
    try show(ExportReport(outcome, point: point, file: path.string), search, on: terminal)
    return outcome.look.isAccepted ? .done : .unmet
  }

  private func export(
    _ point: Int, of search: SearchCommand, to path: FilePath, on terminal: Terminal
  ) throws -> ExportOutcome {
    let client = search.memory.client(search.running)
    client.startInBackground()
    let model = try ModelFile.read(search.model)
    let data = try search.measuring.samples(for: model, readFrom: search.model, seed: search.seed)
    let engine = try client.startWithRetry()
    let journal = try search.journal(of: model, data, in: run.url.path, engine: engine, isResuming: true)
    let interrupt = Interrupt.onSignals()
    let progress = SearchProgress(on: terminal)
    defer { progress.finish() }
    let control = SearchControl(onEvent: { progress.show($0) }, isInterrupted: { interrupt.isRequested })
    let exported = try search.makeSearch(
      model, data, folder: run.url.path, client: client, control: control, journal: journal, isResuming: true
    ).export(point, to: path.string, overwriting: force)
    guard let exported else { throw CommandError("interrupted before the model was written") }
    return exported
  }

  // MARK: Results

  private func list(_ points: [PlanPoint], on terminal: Terminal) throws {
    guard !json else { return try terminal.printJSON(points) }
    var table = Table(
      .number("point"), "", .number("loss"), .number("±"), .number("bytes"), .number("MACs"),
      .number("latency"), "plan")
    let exact = points.first?.cost
    for point in points {
      table.add(
        "\(point.number)", mark(of: point), Quantity.fixed(point.loss + 0, digits: 4),
        point.steps.isEmpty ? "" : Quantity.fixed(point.standardError, digits: 4),
        share(point.cost.bytes, of: exact?.bytes), share(point.cost.macs, of: exact?.macs),
        point.cost.latency.map { "× \(Quantity.fixed($0.ratio, digits: 2))" } ?? "", point.brief)
    }
    terminal.print(table)
    terminal.note(
      "losses are those on the samples that chose, with their standard error; costs are shares of the exact model's"
    )
  }

  private func mark(of point: PlanPoint) -> String {
    if point.isResult { return "result" }
    if !point.isWithinBudget { return "refused" }
    return point.isOnFront ? "front" : ""
  }

  private func share(_ part: Int, of whole: Int?) -> String {
    guard let whole, whole > 0 else { return "" }
    return "× \(Quantity.fixed(Double(part) / Double(whole), digits: 3))"
  }

  private func show(_ report: ExportReport, _ search: SearchCommand, on terminal: Terminal) throws {
    guard !json else { return try terminal.printJSON(report) }
    func fixed(_ value: Double) -> String { Quantity.fixed(value + 0, digits: 4) }
    let loss =
      "\(fixed(report.loss.value)) (95 % interval \(fixed(report.loss.lower)) to \(fixed(report.loss.upper)))"
    let verdict = report.isWithinBudget ? "within the budget" : "not shown to be within the budget"
    terminal.print(
      "\(report.metric.name) on \(report.samples) held-back samples: \(fixed(report.result)), worse by \(loss), "
        + "\(verdict) of \(search.budget); latency × \(Quantity.fixed(report.latency.ratio, digits: 2))")
    terminal.note(
      "the held-back samples were looked at once more, with \(Quantity.fixed(100 * report.errorShare, digits: 1)) % "
        + "of the error probability")
    terminal.print("written: \(report.file)")
  }
}
