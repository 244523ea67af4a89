import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import Rendering
import Reporting
import Search
import TensorCore

extension SensitivityCommand {
  func report(
    _ sensitivity: Sensitivity, _ data: SearchData, engine: String, spent: EvaluationClient.Statistics,
    since start: ContinuousClock.Instant
  ) -> SensitivityReport {
    SensitivityReport(
      sensitivity, model: model.string,
      data: SearchReport.Data(
        evaluation: data.isSynthetic ? nil : data.evaluation.source, calibration: data.calibration?.source,
        isSynthetic: data.isSynthetic),
      run: SearchReport.Run(
        wallSeconds: (ContinuousClock.now - start).milliseconds / 1000,
        runtimeSeconds: spent.insideRuntime + spent.makingSessions, runtime: engine,
        seed: UInt64(seed), threads: running.threadCount))
  }

  /// - Parameter exact: the model that was changed.
  func write(
    _ report: SensitivityReport, samples: [Int], exact: Model, to folder: ResultFolder, on terminal: Terminal
  ) throws {
    let graph = graph(of: exact, on: terminal)
    let page = SensitivityPage.html(
      report, graph: graph, names: NodeNames(of: [exact]), chartRows: top)
    let files = [
      ("samples.txt", samples.sorted().map { "\($0)\n" }.joined()),
      ("sensitivity.csv", report.csv()), ("sensitivity.svg", report.chart(rows: top).svg()),
      ("sensitivity.md", MarkdownSensitivityReport.text(report, chart: "sensitivity.svg")),
      ("report.html", page), ("sensitivity.json", String(decoding: try report.json(), as: UTF8.self)),
    ]
    for (name, text) in files { try AtomicFile.write(text, to: folder.file(name), overwriting: false) }
  }

  /// Nil where it cannot be drawn: the report is good without it.
  private func graph(of model: Model, on terminal: Terminal) -> DrawnGraph? {
    var options = RenderOptions()
    options.title = self.model.url.lastPathComponent
    do {
      let drawn = try ModelRenderer(options: options).picture(of: model).drawn(as: .svg)
      if let failure = drawn.failure {
        terminal.warn("boxes are left out of the picture of the model: \(failure)")
      }
      return DrawnGraph(title: "The model", file: "exact.onnx", drawn)
    } catch {
      terminal.warn("report.html has no picture of the model: \(error)")
      return nil
    }
  }

  func show(_ report: SensitivityReport, in folder: ResultFolder, on terminal: Terminal) throws {
    if json { return terminal.output.write(String(decoding: try report.json(), as: UTF8.self)) }
    if !report.changes.isEmpty { terminal.print(table(report)) }
    let left = report.changes.count - top
    if left > 0 { terminal.print("… and \(left) more in sensitivity.csv") }
    for note in report.notes { terminal.note(note) }
    if report.data.isSynthetic {
      terminal.warn("these drops rest on synthetic inputs: give data with --data")
    }
    terminal.print(summary(report))
    terminal.print("results: \(folder.path)")
  }

  private func table(_ report: SensitivityReport) -> Table {
    let hasLatency = report.changes.contains { $0.latency != nil }
    let columns: [Table.Column?] = [
      "strategy", "change", "layer", .number("drop"), .number("95 % interval"), .number("SQNR"),
      hasLatency ? .number("latency") : nil, .number("bytes saved"), .number("MACs saved"),
      .number("drop per gain"),
    ]
    func shown(_ value: Double) -> String { fixed(value, digits: report.digits) }
    var table = Table(columns: columns.compactMap(\.self))
    for change in report.changes.prefix(top) {
      let cells = [
        change.strategy, change.action, change.layer, change.best.map { shown($0.drop.value) } ?? "failed",
        change.best.map { "\(shown($0.drop.lower)) to \(shown($0.drop.upper))" } ?? "",
        change.best?.sqnrDecibels.map(decibels) ?? "",
        hasLatency ? change.latency.map { "× \(fixed($0.ratio.value, digits: 3))" } ?? "" : nil,
        change.gain.map { Quantity.bytes($0.bytes) } ?? "",
        change.gain.map { Quantity.compact($0.macs) } ?? "",
        change.dropPerGain.map { shown($0) } ?? "",
      ]
      table.add(row: cells.compactMap(\.self))
    }
    return table
  }

  private func summary(_ report: SensitivityReport) -> String {
    "\(report.changes.count) changes of a model with a \(report.metric.name) of \(fixed(report.baseline, digits: report.digits)), on "
      + "\(report.samples) samples; \(Quantity.fixed(report.evaluations, digits: 1)) passes over the data in "
      + "\(Quantity.fixed(report.wallSeconds, digits: 1)) s"
  }

  private func decibels(_ value: Double) -> String {
    value.isFinite ? "\(fixed(value, digits: 1)) dB" : "∞ dB"
  }

  private func fixed(_ value: Double, digits: Int) -> String {
    Quantity.fixed(value == 0 ? 0 : value, digits: digits)
  }
}
