import CommandLineKit

/// `report.md`: what people read, and put into a pull request. What is long is folded.
public struct MarkdownReport {
  let report: SearchReport
  let plans: ParetoReport
  private let pictures: [Picture]
  var lines: [String] = []

  /// A file beside the report.
  public struct Picture: Sendable {
    public var title: String
    public var file: String

    public init(title: String, file: String) {
      self.title = title
      self.file = file
    }
  }

  /// A table that is read in a browser has at most so many rows; `report.json` has all.
  private static let regionLimit = 200

  public static func text(_ report: SearchReport, plans: ParetoReport, pictures: [Picture]) -> String {
    var page = MarkdownReport(report: report, plans: plans, pictures: pictures)
    page.write()
    return page.lines.joined(separator: "\n") + "\n"
  }

  private init(report: SearchReport, plans: ParetoReport, pictures: [Picture]) {
    self.report = report
    self.plans = plans
    self.pictures = pictures
  }

  private mutating func write() {
    lines.append("# Search on \(escaped(report.model))\n")
    writeVerdict()
    writeComparison()
    writeDecisions()
    writePictures()
    writePlans()
    writeRegions()
    writeMethod()
  }

  // MARK: Sections

  private mutating func writeVerdict() {
    if let sentence = report.syntheticSentence { lines.append("> **Mind:** \(sentence)\n") }
    lines.append("**\(report.verdict)**\n")
    lines.append(escaped(report.lossSentence) + "\n")
    lines.append(report.certaintySentence + "\n")
    if !report.lookRows.isEmpty { table(SearchReport.lookColumns, report.lookRows) }
    for note in report.notes { lines.append("- \(escaped(note))") }
    if !report.notes.isEmpty { lines.append("") }
  }

  private mutating func writeComparison() {
    table(
      ["", "before", "after", "change"], numbers: [1, 2, 3],
      report.comparison.map { [escaped($0.title), $0.before, $0.after, $0.change] })
  }

  /// They are as tall as the model is deep, so that they are links first.
  private mutating func writePictures() {
    guard !pictures.isEmpty else { return }
    heading("The graph")
    let links = pictures.map { "[\(escaped($0.title))](\($0.file))" }.joined(separator: " · ")
    lines.append(links + " · `report.html` has all of them, to search and to zoom\n")
    guard let first = pictures.first else { return }
    details(first.title) { $0.lines.append("![\(escaped(first.title))](\(first.file))\n") }
  }

  private mutating func writeRegions() {
    guard !report.regions.isEmpty else { return }
    heading("What every region is worth")
    lines.append(
      "Each was changed alone. *Change* is that of the metric on the samples named, with the last linear layer "
        + "refitted where there is one; *bare* is without. Those at the top have the least effect.\n")
    let rows = report.regionsByEffect.prefix(Self.regionLimit).map { row(of: $0) }
    let left = report.regions.count - rows.count
    details("\(report.regions.count) regions") {
      $0.table(
        ["kind", "what", "change", "bare", "distortion", "samples", "nodes", "parameters", "MACs"],
        numbers: Array(2...8), rows)
      if left > 0 { $0.lines.append("… and \(left) more in `report.json`.\n") }
    }
  }

  private func row(of region: SearchReport.ScoredRegion) -> [String] {
    let unknown = region.failure.map { "failed: " + escaped($0) } ?? "not measured"
    return [
      region.kind, code(region.title), region.metricChange.map { signed($0) } ?? unknown,
      region.metricChangeBare.map { signed($0) } ?? "", region.distortion.map { fixed($0) } ?? "",
      "\(region.samples)", "\(region.gain.nodes)", Quantity.compact(region.gain.parameters),
      Quantity.compact(region.gain.macs),
    ]
  }

  private mutating func writeMethod() {
    heading("How it was measured")
    let data = report.data.evaluation.map { code($0) } ?? "synthetic inputs"
    lines.append(
      "- Data: \(data); \(report.samples.search) samples chose, \(report.samples.holdout) only confirmed, "
        + "\(report.samples.calibration) calibrated.")
    lines.append("- Metric: \(escaped(report.metric.name) + " of " + code(report.metric.output))")
    lines.append(
      "- Cost: \(fixed(report.evaluations, digits: 2)) full passes over the data ("
        + report.evaluationParts.map { "\(escaped($0.stage)) \(fixed($0.passes, digits: 2))" }.joined(
          separator: ", ")
        + "), \(fixed(report.wallSeconds, digits: 1)) s, of which \(fixed(report.runtimeSeconds, digits: 1)) s "
        + "inside the runtime.")
    lines.append("- Runtime: \(escaped(report.runtime)); seed \(report.seed).")
  }

  // MARK: Text

  mutating func heading(_ title: String) { lines.append("## \(title)\n") }

  /// - Parameter numbers: columns that stand at the right.
  mutating func table(_ header: [String], numbers: [Int] = [], _ rows: [[String]]) {
    lines.append("| " + header.joined(separator: " | ") + " |")
    lines.append(
      "|" + header.indices.map { numbers.contains($0) ? " ---: " : " --- " }.joined(separator: "|") + "|")
    for row in rows { lines.append("| " + row.joined(separator: " | ") + " |") }
    lines.append("")
  }

  /// What is folded until somebody wants it.
  mutating func details(_ summary: String, _ content: (inout MarkdownReport) -> Void) {
    lines.append("<details><summary>\(escaped(summary))</summary>\n")
    content(&self)
    lines.append("</details>\n")
  }
}
