import CommandLineKit
import Rendering

/// `report.html`: what a search found, in one file that a browser opens from a disk as from a server.
///
/// Rows of its tables lead to nodes of its pictures and back. Without scripts everything can be read; with them, the
/// pictures can be searched and moved, and the tables sorted.
public struct SearchPage {
  typealias Tag = HTML.Tag

  let report: SearchReport
  let plans: ParetoReport
  let graphs: [DrawnGraph]
  let sweep: Sweep?
  let regions: [SearchReport.ScoredRegion]
  let index: NodeIndex

  /// The table of regions has at most so many rows; `report.json` has all of them.
  static let regionLimit = 1_000

  /// - Parameters:
  ///   - graphs: the first is shown first.
  ///   - names: of the nodes of all models that the report and the pictures speak of.
  public static func html(
    _ report: SearchReport, plans: ParetoReport, graphs: [DrawnGraph], names: NodeNames, sweep: Sweep? = nil
  ) -> String {
    SearchPage(report, plans, graphs, names, sweep).html()
  }

  /// What `sensitivity` found of the same model.
  public struct Sweep: Sendable {
    public var report: SensitivityReport
    /// Where it is.
    public var folder: String

    public init(report: SensitivityReport, folder: String) {
      self.report = report
      self.folder = folder
    }
  }

  private init(
    _ report: SearchReport, _ plans: ParetoReport, _ graphs: [DrawnGraph], _ names: NodeNames, _ sweep: Sweep?
  ) {
    self.sweep = sweep
    self.report = report
    self.plans = plans
    self.graphs = graphs
    regions = Array(report.regionsByEffect.prefix(Self.regionLimit))
    var index = NodeIndex(names)
    for (number, step) in report.applied.enumerated() {
      index.add(step.nodes, row: .decision(number + 1), isStop: true)
    }
    for (number, region) in regions.enumerated() { index.add(region.nodes, row: .region(number + 1)) }
    for change in sweep?.report.changes ?? [] { index.add(change.nodes) }
    self.index = index
  }

  private func html() -> String {
    let sections: [PageSection?] = [
      summary, decisions, planSection, GraphViewer(graphs, index).section, sweepSection, regionSection,
      method,
    ]
    let isGood = !report.planFailed && report.isWithinBudget
    return PageParts.document(
      "Search", report.model, status: PageParts.status(isGood: isGood, report.verdict),
      sections.compactMap { $0 }, graphs: graphs)
  }

  // MARK: Summary

  private var summary: PageSection {
    PageSection(.summary, "Summary") {
      if let sentence = report.syntheticSentence {
        Tag.p(.class("warning")) {
          Tag.strong { "Mind: " }
          sentence
        }
      }
      keyFigures
      Tag.p { report.lossSentence + " " + report.certaintySentence }
      PageParts.notes(report.notes)
      comparison.html()
      looks?.html()
    }
  }

  private var keyFigures: HTML {
    let (before, after) = (report.baseline, report.result)
    let ratio = after.latency.ratio
    return Tag.dl(.class("figures")) {
      figure(
        "\(report.metric.name), held back", "\(fixed(before.metric)) → \(fixed(after.metric))",
        report.lossText)
      figure(
        "File", "\(Quantity.bytes(before.bytes)) → \(Quantity.bytes(after.bytes))",
        Reporting.ratio(after.bytes, before.bytes))
      figure(
        "Latency, batch \(after.latency.batch)",
        "\(fixed(before.latency.medianMilliseconds, digits: 2)) → \(fixed(after.latency.medianMilliseconds, digits: 2)) ms",
        "× \(fixed(ratio.value, digits: 2)), 95 % interval \(fixed(ratio.lower, digits: 2)) to \(fixed(ratio.upper, digits: 2))"
      )
      figure(
        "Multiply-accumulates", "\(Quantity.compact(before.macs)) → \(Quantity.compact(after.macs))",
        Reporting.ratio(after.macs, before.macs))
      figure(
        "Cost of the search", "\(fixed(report.evaluations, digits: 1)) passes over the data",
        "in \(fixed(report.wallSeconds, digits: 1)) s")
    }
  }

  private func figure(_ term: String, _ value: String, _ detail: String) -> HTML {
    Tag.div {
      Tag.dt { term }
      Tag.dd(.class("value")) { value }
      Tag.dd(.class("detail")) { detail }
    }
  }

  private var comparison: PageTable {
    PageTable(
      title: "Before and after", isSortable: false,
      columns: [.text(""), .number("before"), .number("after"), .number("change")],
      rows: report.comparison.map { row in
        .init(cells: [.text(row.title), .text(row.before), .text(row.after), .text(row.change)])
      })
  }

  /// What the held-back samples were asked, where it was more than once, or in vain.
  private var looks: PageTable? {
    guard !report.lookRows.isEmpty else { return nil }
    return PageTable(
      title: "Looks at the held-back samples", isSortable: false,
      columns: SearchReport.lookColumns.map { .text($0) },
      rows: report.lookRows.map { row in .init(cells: row.map { .text($0) }) })
  }

  // MARK: Sensitivity

  private var sweepSection: PageSection? {
    guard let sweep else { return nil }
    let map = HeatMap(sweep.report) { _ in nil }
    guard !map.isEmpty else { return nil }
    return PageSection(.sensitivity, "Layers and changes") {
      Tag.p(.class("quiet")) {
        "How far \(report.metric.name) drops when one change is made alone, on \(sweep.report.samples) samples: from the "
          + "sweep in "
        PageParts.name(sweep.folder)
        "."
      }
      map.legend
      map.html("Drop of \(report.metric.name) by layer and change") { index.numbers(of: $0.nodes) }
    }
  }

  // MARK: Method

  private var method: PageSection {
    PageSection(.method, "How it was measured") {
      PageParts.facts([
        ("Model", [PageParts.name(report.model)]),
        ("Data", data), ("Samples", [.text(samples)]),
        ("Metric", [.text(report.metric.name + " of "), PageParts.name(report.metric.output)]),
        (
          "Time",
          [
            .text(
              "\(fixed(report.wallSeconds, digits: 1)) s, \(fixed(report.runtimeSeconds, digits: 1)) s inside the runtime"
            )
          ]
        ),
        (
          "Runtime",
          [.text("\(report.runtime.visible(atMost: 200)), \(report.threads) threads; seed \(report.seed)")]
        ),
        ("Beside this page", [.text(files)]),
      ])
      PageTable(
        title: "What the search took",
        columns: [.text("stage"), .number("passes over the data")],
        rows: report.evaluationParts.map { part in
          .init(cells: [
            .text(part.stage.visible(atMost: 80)), .number(fixed(part.passes, digits: 2), part.passes),
          ])
        }
      ).html()
    }
  }

  private var data: [HTML] { [report.data.evaluation.map(PageParts.name) ?? .text("synthetic inputs")] }

  private var samples: String {
    "\(report.samples.search) chose, \(report.samples.holdout) only confirmed, \(report.samples.calibration) calibrated"
  }

  private var files: String {
    "optimized.onnx, exact.onnx, report.json, report.md, pareto.json, pareto.svg, holdout.txt, and the pictures: "
      + graphs.map(\.file).joined(separator: ", ")
  }
}
