import CommandLineKit
import Rendering

/// `report.html` of a sweep: which layers bear which changes, in one file.
public struct SensitivityPage {
  private typealias Tag = HTML.Tag

  private let report: SensitivityReport
  private let changes: [SensitivityReport.Change]
  private let graph: DrawnGraph?
  private let chartRows: Int
  private let index: NodeIndex

  /// The table has at most so many rows; `sensitivity.csv` has all of them.
  static let changeLimit = 1_000

  /// - Parameters:
  ///   - graph: of the model that was changed.
  ///   - names: of its nodes.
  ///   - chartRows: rows of the chart.
  public static func html(_ report: SensitivityReport, graph: DrawnGraph?, names: NodeNames, chartRows: Int)
    -> String
  {
    SensitivityPage(report, graph, names, chartRows).html()
  }

  private init(_ report: SensitivityReport, _ graph: DrawnGraph?, _ names: NodeNames, _ chartRows: Int) {
    self.report = report
    self.graph = graph
    self.chartRows = chartRows
    changes = Array(report.changes.prefix(Self.changeLimit))
    var index = NodeIndex(names)
    for (number, change) in changes.enumerated() { index.add(change.nodes, row: .change(number + 1)) }
    self.index = index
  }

  private func html() -> String {
    let sections: [PageSection?] = [
      summary, heatMap, chart, GraphViewer([graph].compactMap { $0 }, index).section, table, method,
    ]
    let status = PageParts.status(
      isGood: !report.wasInterrupted,
      "\(report.changes.count) of \(report.changeCount) changes were measured, each alone")
    return PageParts.document(
      "Sensitivity", report.model, status: status, sections.compactMap { $0 },
      graphs: [graph].compactMap { $0 })
  }

  private var summary: PageSection {
    PageSection(.summary, "Summary") {
      if report.data.isSynthetic {
        Tag.p(.class("warning")) {
          Tag.strong { "Mind: " }
          "The drops rest on synthetic inputs, drawn by the declared types. They say how far the outputs move, not what "
            + "that does to the task. Give data with --data eval.npz."
        }
      }
      Tag.p {
        "The original's \(report.metric.name) is \(report.shown(report.baseline)) on \(report.samples) samples. "
          + report.order
      }
      PageParts.notes(report.notes)
    }
  }

  private var heatMap: PageSection? {
    let map = HeatMap(report) { $0 < changes.count ? .change($0 + 1) : nil }
    guard !map.isEmpty else { return nil }
    return PageSection(.sensitivity, "Layers and changes") {
      map.legend
      map.html("Drop of \(report.metric.name) by layer and change") { index.numbers(of: $0.nodes) }
    }
  }

  private var chart: PageSection? {
    guard !changes.isEmpty, let drawn = try? SVGReader.read(Array(report.chart(rows: chartRows).svg().utf8))
    else {
      return nil
    }
    return PageSection(.plans, "Intervals") {
      Tag.figure(.class("wide"), .role("region"), .label("Chart of changes"), .fixed(.tabindex, "0")) {
        ChartFigure.html(of: drawn, title: "Drop of every change, with its interval") { _ in nil }
      }
    }
  }

  // MARK: Table

  private var table: PageSection? {
    guard !changes.isEmpty else { return nil }
    let left = report.changes.count - changes.count
    return PageSection(.changes, "Every change") {
      PageTable(
        title: "Changes",
        columns: [
          .text("layer"), .text("strategy"), .text("change"), .number("drop"), .number("from"), .number("to"),
          .number("SQNR, dB"), .number("latency"), .number("bytes saved"), .number("MACs saved"),
          .number("drop per gain"),
        ],
        rows: changes.enumerated().map { offset, change in row(offset + 1, change) }
      ).html()
      if left > 0 { Tag.p { "… and \(left) more in sensitivity.csv." } }
    }
  }

  private func row(_ number: Int, _ change: SensitivityReport.Change) -> PageTable.Row {
    let nodes = index.numbers(of: change.nodes)
    func cell(_ value: Double?, digits: Int = 4) -> PageTable.Cell {
      .number(value.map { fixed($0, digits: digits) } ?? "–", value)
    }
    let ratio = change.latency?.ratio.value
    let head: [PageTable.Cell] = [
      .html {
        PageParts.link(PageParts.name(change.layer), toNodes: nodes)
        if let failure = change.failure { Tag.div(.class("reason")) { failure.visible(atMost: 300) } }
      }, .text(change.strategy), .text(change.action.visible(atMost: 80)),
    ]
    let drop = [change.best?.drop.value, change.best?.drop.lower, change.best?.drop.upper]
      .map { cell($0, digits: report.digits) }
    let rest: [PageTable.Cell] = [
      cell(change.best?.sqnrDecibels, digits: 1),
      .number(ratio.map { "× \(fixed($0, digits: 3))" } ?? "–", ratio),
      .number(change.gain.map { Quantity.bytes($0.bytes) } ?? "–", change.gain.map { Double($0.bytes) }),
      .number(change.gain.map { Quantity.compact($0.macs) } ?? "–", change.gain.map { Double($0.macs) }),
      cell(change.dropPerGain, digits: report.digits),
    ]
    return PageTable.Row(anchor: .change(number), nodes: nodes, cells: head + drop + rest)
  }

  private var metric: [HTML] {
    report.metricCommand.map { [.text("what the metric command prints: "), PageParts.name($0)] }
      ?? [.text("\(report.metric.name) of "), PageParts.name(report.metric.output)]
  }

  private var method: PageSection {
    PageSection(.method, "How it was measured") {
      PageParts.facts([
        ("Model", [PageParts.name(report.model)]),
        ("Data", [report.data.evaluation.map(PageParts.name) ?? .text("synthetic inputs")]),
        ("Samples", [.text("\(report.samples) measured, \(report.calibrationSamples) calibrated")]),
        ("Metric", metric),
        ("Drops", [.text("\(report.unit.map { $0 + " " } ?? "")\(report.intervals), at 95 %.")]),
        (
          "Cost",
          [
            .text(
              "\(fixed(report.evaluations, digits: 2)) full passes over the data, \(fixed(report.wallSeconds, digits: 1)) s, "
                + "\(fixed(report.runtimeSeconds, digits: 1)) s inside the runtime")
          ]
        ),
        (
          "Runtime",
          [.text("\(report.runtime.visible(atMost: 200)), \(report.threads) threads; seed \(report.seed)")]
        ),
        ("Beside this page", [.text("sensitivity.csv, .json, .md and .svg, exact.onnx, samples.txt")]),
      ])
    }
  }
}
