import Candidates
import Foundation

/// `report.md`: what people read, and put into a pull request.
public struct MarkdownReport {
  let report: SearchReport
  private let pictures: [Picture]
  private var lines: [String] = []

  /// A file beside the report.
  public struct Picture: Sendable {
    public var title: String
    public var file: String

    public init(title: String, file: String) {
      self.title = title
      self.file = file
    }
  }

  public static func text(_ report: SearchReport, pictures: [Picture]) -> String {
    var page = MarkdownReport(report: report, pictures: pictures)
    page.write()
    return page.lines.joined(separator: "\n") + "\n"
  }

  private init(report: SearchReport, pictures: [Picture]) {
    self.report = report
    self.pictures = pictures
  }

  private mutating func write() {
    lines.append("# Search on \(escaped(report.model))\n")
    writeVerdict()
    writeComparison()
    writeApplied()
    writePictures()
    writeRegions()
    writeMethod()
  }

  // MARK: Sections

  private mutating func writeVerdict() {
    if report.data.isSynthetic {
      lines.append(
        "> **The verdict rests on synthetic inputs**, drawn by the declared types. It says how far the outputs "
          + "move, not what that does to the task. Give data with `--data eval.npz`.\n")
    }
    let loss = report.loss
    let verdict =
      report.applied.isEmpty
      ? "Nothing could be gained within the budget; `optimized.onnx` is the exact model."
      : !report.planFailed
        ? "\(report.applied.count) steps were taken, and the result is within the budget on samples that no choice saw."
        : "The plan was not confirmed on the held-back samples; `optimized.onnx` is the exact model."
    lines.append(verdict + "\n")
    lines.append(
      "\(report.metric.name) is worse by \(number(loss.value)) (95 % interval \(number(loss.lower)) to "
        + "\(number(loss.upper))) on \(report.samples.holdout) held-back samples; the budget is "
        + "\(number(report.budget.limit)) \(report.budget.kind).\n")
    lines.append(certainty + "\n")
    writeLooks()
    for note in report.notes { lines.append("- \(escaped(note))") }
    if !report.notes.isEmpty { lines.append("") }
  }

  private mutating func writeComparison() {
    let (before, after) = (report.baseline, report.result)
    table(
      ["", "before", "after", "change"],
      [
        [
          "\(report.metric.name), held back", number(before.metric), number(after.metric),
          signed(after.metric - before.metric),
        ],
        [
          "\(report.metric.name), search", number(before.searchMetric), number(after.searchMetric),
          signed(after.searchMetric - before.searchMetric),
        ],
        ["nodes", "\(before.nodes)", "\(after.nodes)", ratio(after.nodes, before.nodes)],
        [
          "parameters", "\(before.parameters)", "\(after.parameters)",
          ratio(after.parameters, before.parameters),
        ],
        ["bytes", "\(before.bytes)", "\(after.bytes)", ratio(after.bytes, before.bytes)],
        ["multiply-accumulates a sample", "\(before.macs)", "\(after.macs)", ratio(after.macs, before.macs)],
        [
          "latency, batch \(after.latency.batch), \(after.latency.threads) threads",
          milliseconds(before.latency), milliseconds(after.latency),
          "× \(number(after.latency.ratio.value, digits: 2)) "
            + "(\(number(after.latency.ratio.lower, digits: 2)) to \(number(after.latency.ratio.upper, digits: 2)))",
        ],
      ])
  }

  private mutating func writeApplied() {
    guard !report.applied.isEmpty else { return }
    lines.append("## What was changed\n")
    table(
      ["step", "strategy", "kind", "what", "nodes", "bytes", "MACs", "\(report.metric.name)"],
      report.applied.enumerated().map { index, step in
        [
          "\(index + 1)", step.strategy, step.kind, code(step.title), "\(step.gain.nodes)",
          "\(step.gain.bytes)", "\(step.gain.macs)", signed(step.metricChange),
        ]
      })
  }

  private mutating func writePictures() {
    guard !pictures.isEmpty else { return }
    lines.append("## Pictures\n")
    for picture in pictures { lines.append("![\(escaped(picture.title))](\(picture.file))\n") }
  }

  private mutating func writeRegions() {
    lines.append("## What every region is worth\n")
    lines.append(
      "Each was bypassed alone. *Change* is that of the metric on the samples named, with the last linear layer "
        + "refitted where there is one; *bare* is without. Those at the top have the least effect.\n")
    let scored = report.regions.enumerated().sorted { a, b in
      let (first, second) = (a.element.metricChange ?? -.infinity, b.element.metricChange ?? -.infinity)
      if first != second { return first > second }
      let (near, far) = (a.element.distortion ?? .infinity, b.element.distortion ?? .infinity)
      return near != far ? near < far : a.offset < b.offset
    }.map(\.element)
    table(
      ["kind", "what", "change", "bare", "distortion", "samples", "nodes", "parameters", "MACs"],
      scored.map { region in
        [
          region.kind, code(region.title), region.metricChange.map { signed($0) } ?? failure(region),
          region.metricChangeBare.map { signed($0) } ?? "", region.distortion.map { number($0) } ?? "",
          "\(region.samples)", "\(region.gain.nodes)", "\(region.gain.parameters)", "\(region.gain.macs)",
        ]
      })
  }

  private mutating func writeMethod() {
    lines.append("## How it was measured\n")
    let data = report.data.evaluation.map { code($0) } ?? "synthetic inputs"
    lines.append(
      "- Data: \(data); \(report.samples.search) samples chose, \(report.samples.holdout) only confirmed, "
        + "\(report.samples.calibration) calibrated.")
    lines.append("- Metric: \(report.metric.name + " of " + code(report.metric.output))")
    lines.append(
      "- Cost: \(number(report.evaluations, digits: 2)) full passes over the data ("
        + report.evaluationParts.map { "\($0.stage) \(number($0.passes, digits: 2))" }.joined(separator: ", ")
        + "), \(number(report.wallSeconds, digits: 1)) s, of which \(number(report.runtimeSeconds, digits: 1)) s "
        + "inside the runtime.")
    lines.append("- Runtime: \(escaped(report.runtime)); seed \(report.seed).")
  }

  // MARK: Text

  mutating func table(_ header: [String], _ rows: [[String]]) {
    lines.append("| " + header.joined(separator: " | ") + " |")
    lines.append("|" + header.map { _ in " --- " }.joined(separator: "|") + "|")
    for row in rows { lines.append("| " + row.joined(separator: " | ") + " |") }
    lines.append("")
  }

  private func failure(_ region: SearchReport.ScoredRegion) -> String {
    "failed: " + escaped(region.failure ?? "")
  }

  private func milliseconds(_ latency: SearchReport.Latency) -> String {
    number(latency.medianMilliseconds, digits: 3) + " ms"
  }

  private func ratio(_ after: Int, _ before: Int) -> String {
    before == 0 ? "" : "× \(number(Double(after) / Double(before), digits: 2))"
  }

  private func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + number(value) }

  func number(_ value: Double, digits: Int = 4) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value == 0 ? 0 : value) : "\(value)"
  }
}

/// A name as code, in a table or in running text. Inside code only these characters mean something.
func code(_ text: String) -> String {
  let safe = text.prefix(300).map { character -> String in
    switch character {
    case "`": "'"
    case "|": "\\|"
    case _ where character.isNewline: " "
    default: String(character)
    }
  }
  return "`\(safe.joined())`"
}

/// Names come from files: nothing in them may act as markup.
func escaped(_ text: String) -> String {
  var result = ""
  for character in text.prefix(300) {
    switch character {
    case "|": result += "\\|"
    case "`": result += "'"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "[", "]", "*", "_", "\\", "!", "#": result += "\\\(character)"
    case _ where character.isNewline: result += " "
    default: result.append(character)
    }
  }
  return result
}
