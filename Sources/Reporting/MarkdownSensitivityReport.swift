import Foundation

/// `sensitivity.md`: the chart and the whole table, for people.
public struct MarkdownSensitivityReport {
  private let report: SensitivityReport
  private let chart: String
  private var lines: [String] = []

  /// - Parameter chart: the file beside the page.
  public static func text(_ report: SensitivityReport, chart: String) -> String {
    var page = MarkdownSensitivityReport(report: report, chart: chart)
    page.write()
    return page.lines.joined(separator: "\n") + "\n"
  }

  private init(report: SensitivityReport, chart: String) {
    self.report = report
    self.chart = chart
  }

  private mutating func write() {
    lines.append("# Sensitivity of \(escaped(report.model))\n")
    if report.data.isSynthetic {
      lines.append(
        "> **The drops rest on synthetic inputs**, drawn by the declared types. They say how far the outputs "
          + "move, not what that does to the task. Give data with `--data eval.npz`.\n")
    }
    lines.append("\(measured) \(report.order)\n")
    for note in report.notes { lines.append("- \(escaped(note))") }
    if !report.notes.isEmpty { lines.append("") }
    lines.append("![The drop of each change, with its interval](\(chart))\n")
    writeTable()
    writeMethod()
  }

  private var measured: String {
    let data = report.data.evaluation.map { code($0) } ?? "synthetic inputs"
    return
      "\(report.changes.count) changes of the exact model, each made alone, on \(report.samples) samples of "
      + "\(data), where the original's \(escaped(report.metric.name)) is \(report.shown(report.baseline))."
  }

  private mutating func writeTable() {
    let header = [
      "strategy", "change", "layer", "drop", "95 % interval", "without refit", "SQNR, dB", "latency",
      "bytes saved", "MACs saved", "drop per gain",
    ]
    lines.append("| " + header.joined(separator: " | ") + " |")
    let alignments = header.indices.map { $0 < 3 ? " --- " : " ---: " }
    lines.append("|" + alignments.joined(separator: "|") + "|")
    for change in report.changes { lines.append("| " + cells(change).joined(separator: " | ") + " |") }
    lines.append("")
  }

  private func cells(_ change: SensitivityReport.Change) -> [String] {
    let head = [change.strategy, escaped(change.action), code(change.layer)]
    guard let best = change.best else {
      return head + ["failed: \(escaped(change.failure ?? ""))"] + Array(repeating: "", count: 7)
    }
    return head + [
      report.shown(best.drop.value), "\(report.shown(best.drop.lower)) to \(report.shown(best.drop.upper))",
      change.refitted == nil ? "" : change.bare.map { report.shown($0.drop.value) } ?? "",
      decibels(best.sqnrDecibels),
      change.latency.map(ratio) ?? "", change.gain.map { "\($0.bytes)" } ?? "",
      change.gain.map { "\($0.macs)" } ?? "", change.dropPerGain.map { report.shown($0) } ?? "",
    ]
  }

  private mutating func writeMethod() {
    lines.append("## How it was measured\n")
    lines.append(
      "- *Drop* is how much worse \(judged) gets, with the last linear "
        + "layer refitted to the original's outputs where there is one. \(report.unit.map { $0 + " " } ?? "")\(report.intervals): among many rows, some lie "
        + "beside the truth.")
    lines.append(
      "- *SQNR* is the power of the original's outputs over that of the difference. *Latency* is relative to the exact "
        + "model, in interleaved rounds. *Drop per gain* is for a whole model saved, where anything is saved for sure."
    )
    lines.append(
      "- \(report.calibrationSamples) samples calibrated. Cost: \(fixed(report.evaluations, digits: 2)) full passes "
        + "over the data, \(fixed(report.wallSeconds, digits: 1)) s, of which "
        + "\(fixed(report.runtimeSeconds, digits: 1)) s inside the runtime.")
    lines.append("- Runtime: \(escaped(report.runtime)), \(report.threads) threads; seed \(report.seed).")
  }

  private var judged: String {
    report.metricCommand.map { "the number that \(code($0)) prints" }
      ?? "\(escaped(report.metric.name)) of \(code(report.metric.output))"
  }

  private func ratio(_ latency: SearchReport.Latency) -> String {
    let ratio = latency.ratio
    return "× \(fixed(ratio.value, digits: 3)) (\(fixed(ratio.lower, digits: 3)) to "
      + "\(fixed(ratio.upper, digits: 3)))"
  }

  private func decibels(_ value: Double?) -> String {
    value.map { $0.isFinite ? fixed($0, digits: 1) : "∞" } ?? ""
  }
}
