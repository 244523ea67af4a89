import Candidates
import CommandLineKit
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import Rendering
import Reporting
import Search
import TensorCore

extension SearchCommand {
  /// Draws the pictures, writes the reports, and tells what was found.
  func finish(
    _ outcome: SearchOutcome, _ data: SearchData, in folder: ResultFolder, engine: String,
    spent: EvaluationClient.Statistics, since start: ContinuousClock.Instant, on terminal: Terminal
  ) throws -> ExitCode {
    var report = report(outcome, data, in: folder, engine: engine, spent: spent, since: start)
    let (graphs, failures) = try draw(outcome, in: folder)
    for failure in failures { terminal.warn(failure) }
    report.notes += failures
    try write(report, outcome, graphs, in: folder)
    summarize(report, outcome.notes, folder, on: terminal)
    if json { terminal.output.write(String(decoding: try report.json(), as: UTF8.self)) }
    return outcome.planFailed ? .unmet : .done
  }

  private func report(
    _ outcome: SearchOutcome, _ data: SearchData, in folder: ResultFolder, engine: String,
    spent: EvaluationClient.Statistics, since start: ContinuousClock.Instant
  ) -> SearchReport {
    SearchReport(
      outcome, model: model.string, budget: accuracyBudget,
      data: SearchReport.Data(
        evaluation: data.isSynthetic ? nil : data.evaluation.source, calibration: data.calibration?.source,
        isSynthetic: data.isSynthetic),
      bytes: (
        baseline: fileSize(model.string), result: fileSize(folder.file("optimized.onnx"))
      ),
      run: SearchReport.Run(
        wallSeconds: (ContinuousClock.now - start).milliseconds / 1000,
        runtimeSeconds: spent.insideRuntime + spent.makingSessions, runtime: engine,
        seed: UInt64(seed), threads: running.threadCount))
  }

  private func write(
    _ report: SearchReport, _ outcome: SearchOutcome, _ graphs: [DrawnGraph], in folder: ResultFolder
  ) throws {
    func write(_ text: String, to name: String) throws {
      try AtomicFile.write(text, to: folder.file(name), overwriting: resume)
    }
    let plans = ParetoReport(outcome, model: model.string, objective: objective, budget: report.budget)
    try write(plans.chart().svg(), to: "pareto.svg")
    try write(outcome.split.holdout.sorted().map { "\($0)\n" }.joined(), to: "holdout.txt")
    try write(String(decoding: report.json(), as: UTF8.self), to: "report.json")
    try write(String(decoding: plans.json(), as: UTF8.self), to: "pareto.json")
    let pictures = graphs.map { MarkdownReport.Picture(title: $0.title, file: $0.file) }
    try write(MarkdownReport.text(report, plans: plans, pictures: pictures), to: "report.md")
    let names = NodeNames(of: [outcome.original, outcome.exact, outcome.result])
    let sweep = sweep(of: outcome.exact, report.metric, in: folder)
    try write(
      SearchPage.html(report, plans: plans, graphs: graphs, names: names, sweep: sweep), to: "report.html")
  }

  /// What `sensitivity` found of the same model by the same metric, where it left that: in the result folder, or
  /// beside the model.
  private func sweep(of exact: Model, _ metric: SearchReport.Metric, in folder: ResultFolder) -> SearchPage
    .Sweep?
  {
    let total = Saving.ofLivingParts(of: exact)
    for folder in [folder.path] + ResultFolder.earlier(.sensitivity, beside: model) {
      let file = URL(filePath: folder).appending(path: "sensitivity.json")
      guard let data = try? Data(contentsOf: file), let report = try? SensitivityReport(json: data),
        report.total == total, report.metric == metric, report.metricCommand == judging.command
      else { continue }
      return SearchPage.Sweep(report: report, folder: folder)
    }
    return nil
  }

  /// - Returns: what is drawn, and a sentence for each picture that is not, or not whole.
  private func draw(_ outcome: SearchOutcome, in folder: ResultFolder) throws -> (
    graphs: [DrawnGraph], failures: [String]
  ) {
    var options = RenderOptions()
    options.title = model.url.lastPathComponent
    let pictures = ModelRenderer(options: options).comparison(of: outcome.original, and: outcome.result)
    let named = [
      (name: "diff", title: "What changed", picture: pictures.diff),
      (name: "before", title: "Before", picture: pictures.before),
      (name: "after", title: "After", picture: pictures.after),
    ]
    var (graphs, failures): ([DrawnGraph], [String]) = ([], [])
    for (named, result) in zip(named, GraphPicture.drawn(named.map(\.picture), as: .svg)) {
      let file = "\(named.name).svg"
      var picture = named.picture
      switch result {
      case .success(let drawn):
        picture = drawn.picture
        graphs.append(DrawnGraph(title: named.title, file: file, drawn))
        if let failure = drawn.failure { failures.append("\(file): boxes are left out: \(failure)") }
      case .failure(let failure): failures.append("\(file) is missing: \(failure)")
      }
      try AtomicFile.write(picture.dot, to: folder.file("\(named.name).dot"), overwriting: resume)
    }
    for graph in graphs {
      try AtomicFile.write(
        String(decoding: graph.svg, as: UTF8.self), to: folder.file(graph.file), overwriting: resume)
    }
    return (graphs, failures)
  }

  private func fileSize(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }

  // MARK: Terminal

  /// - Parameter notes: those that were not told before.
  private func summarize(
    _ report: SearchReport, _ notes: [String], _ folder: ResultFolder, on terminal: Terminal
  ) {
    guard !json else { return }
    for step in report.applied {
      terminal.print("\(step.strategy): \(step.kind) \(step.title), \(Quantity.bytes(step.gain.bytes)) less")
    }
    terminal.print(comparison(report))
    for note in notes { terminal.note(note) }
    if report.data.isSynthetic {
      terminal.warn("this verdict rests on synthetic inputs: give data with --data")
    }
    terminal.print(verdict(report))
    terminal.print("results: \(folder.path)")
  }

  private func comparison(_ report: SearchReport) -> Table {
    let (before, after) = (report.baseline, report.result)
    var table = Table("", .number("before"), .number("after"), .number("change"))
    table.add(
      "\(report.metric.name), \(report.samples.holdout) held-back samples",
      Quantity.fixed(before.metric, digits: 4),
      Quantity.fixed(after.metric, digits: 4), signed(after.metric - before.metric))
    func row(_ title: String, _ old: Int, _ new: Int, _ show: (Int) -> String) {
      table.add(
        title, show(old), show(new),
        old == 0 ? "" : "× \(Quantity.fixed(Double(new) / Double(old), digits: 2))")
    }
    row("nodes", before.nodes, after.nodes, Quantity.count)
    row("parameters", before.parameters, after.parameters, Quantity.count)
    row("file", before.bytes, after.bytes, Quantity.bytes)
    row("multiply-accumulates", before.macs, after.macs, Quantity.compact)
    table.add(
      "latency, batch \(after.latency.batch), \(threadCount(after.latency.threads))",
      Quantity.fixed(before.latency.medianMilliseconds, digits: 2) + " ms",
      Quantity.fixed(after.latency.medianMilliseconds, digits: 2) + " ms",
      "× \(Quantity.fixed(after.latency.ratio.value, digits: 2))")
    return table
  }

  private func verdict(_ report: SearchReport) -> String {
    let spent =
      "\(Quantity.fixed(report.evaluations, digits: 1)) passes over the data in "
      + "\(Quantity.fixed(report.wallSeconds, digits: 1)) s"
    if report.planFailed {
      return "not confirmed on held-back samples, so the result is the exact model; \(spent)"
    }
    if report.applied.isEmpty {
      let reason =
        report.wasInterrupted
        ? "interrupted before anything was found"
        : "no plan within the budget is \(objective.gain) than the exact model"
      return "\(reason); \(spent)"
    }
    let within = "within the budget of \(budget)\(certainty(report))"
    return "\(report.metric.name) is \(report.lossText), \(within); \(spent)"
  }

  /// Nothing where no sample may become worse: that is seen, not inferred.
  private func certainty(_ report: SearchReport) -> String {
    guard report.budget.limit > 0, let look = report.confirmation.looks.last, look.isAccepted,
      let certainty = look.certainty, let probability = look.probability
    else { return "" }
    guard certainty >= 0.5 else { return " by the estimate alone, which few samples could turn over" }
    let alone = report.confirmation.looks.count > 1 ? ", \(level(1 - probability)) for this look alone" : ""
    return " at \(level(certainty)) confidence" + alone
  }

  private func level(_ share: Double) -> String {
    share > 0.999 ? "more than 99.9 %" : "\(Quantity.fixed(max(share, 0) * 100, digits: 1)) %"
  }

  private func signed(_ value: Double) -> String {
    (value > 0 ? "+" : "") + Quantity.fixed(value, digits: 4)
  }
}
