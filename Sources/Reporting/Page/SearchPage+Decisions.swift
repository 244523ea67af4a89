import Candidates
import CommandLineKit
import Passes

extension SearchPage {
  var decisions: PageSection {
    PageSection(.decisions, "What was changed, and why it could be") {
      if !report.exactPasses.isEmpty { exactPasses }
      if report.applied.isEmpty {
        Tag.p { "No change that may alter results was made." }
      } else {
        Tag.p(.class("quiet")) {
          "In the order in which the steps were taken. Gains are what the model no longer needs; the change of "
            + "\(report.metric.name) is that of the step, on the samples that chose."
        }
        decisionTable.html()
      }
    }
  }

  private var exactPasses: HTML {
    let (before, after) = (report.baseline.nodes, report.exactNodes)
    return Tag.details {
      Tag.summary { "Exact passes came first: \(before) nodes → \(after), the same results" }
      Tag.ul(.class("columns")) {
        for pass in report.exactPasses {
          Tag.li {
            PageParts.name(pass.name)
            " × \(pass.applications)"
          }
        }
      }
    }
  }

  private var decisionTable: PageTable {
    PageTable(
      title: "Decisions",
      columns: [
        .number("step"), .text("what, and why it could be"),
        .number("change of \(report.metric.name)"), .number("bytes"), .number("MACs"), .number("nodes"),
        .text("strategy"),
      ],
      rows: report.applied.enumerated().map { offset, step in decisionRow(offset + 1, step) })
  }

  private func decisionRow(_ number: Int, _ step: SearchReport.Applied) -> PageTable.Row {
    let nodes = index.numbers(of: step.nodes)
    return PageTable.Row(
      anchor: .decision(number), nodes: nodes,
      cells: [
        .number("\(number)", Double(number)),
        .html {
          "\(step.kind.visible(atMost: 40)) "
          PageParts.link(PageParts.name(step.title), toNodes: nodes)
          Tag.div(.class("reason")) {
            report.reason(forStep: number - 1, among: plans).visible(atMost: 1_000)
          }
        },
        .number(signed(step.metricChange), step.metricChange),
        .number(less(step.gain.bytes, Quantity.bytes), Double(step.gain.bytes)),
        .number(less(step.gain.macs, Quantity.compact), Double(step.gain.macs)),
        .number(less(step.gain.nodes, Quantity.count), Double(step.gain.nodes)), strategy(of: number),
      ])
  }

  /// What it does is said once.
  private func strategy(of number: Int) -> PageTable.Cell {
    let name = report.applied[number - 1].strategy
    let isFirst = report.applied.firstIndex { $0.strategy == name } == number - 1
    let known = StrategyRegistry.builtIn.strategies.first { isFirst && $0.name == name }
    return .html {
      name
      if let known { Tag.div(.class("reason")) { known.summary } }
    }
  }

  // MARK: Regions

  var regionSection: PageSection? {
    guard !regions.isEmpty else { return nil }
    let left = report.regions.count - regions.count
    return PageSection(.regions, "What every region is worth") {
      Tag.p(.class("quiet")) {
        "Each was changed alone. The change is that of \(report.metric.name) on the samples named, with the last linear "
          + "layer refitted where there is one; bare is without. Distortion is the squared error of what that layer gives, "
          + "relative to its variance. Those at the top have the least effect."
      }
      regionTable.html()
      if left > 0 { Tag.p { "… and \(left) more in report.json." } }
    }
  }

  private var regionTable: PageTable {
    PageTable(
      title: "Regions",
      columns: [
        .text("what"), .text("kind"), .number("change"), .number("bare"), .number("distortion"),
        .number("samples"), .number("nodes"), .number("parameters"), .number("MACs"),
      ],
      rows: regions.enumerated().map { offset, region in regionRow(offset + 1, region) })
  }

  private func regionRow(_ number: Int, _ region: SearchReport.ScoredRegion) -> PageTable.Row {
    let nodes = index.numbers(of: region.nodes)
    func change(_ value: Double?) -> PageTable.Cell {
      value.map { .number(signed($0), $0) } ?? .number(region.failure == nil ? "–" : "failed", nil)
    }
    return PageTable.Row(
      anchor: .region(number), nodes: nodes,
      cells: [
        .html {
          PageParts.link(PageParts.name(region.title), toNodes: nodes)
          if let failure = region.failure {
            Tag.div(.class("reason")) { failure.visible(atMost: 300) }
          }
        },
        .text(region.kind.visible(atMost: 40)), change(region.metricChange), change(region.metricChangeBare),
        .number(region.distortion.map { fixed($0) } ?? "–", region.distortion),
        .number("\(region.samples)", Double(region.samples)),
        .number("\(region.gain.nodes)", Double(region.gain.nodes)),
        .number(Quantity.compact(region.gain.parameters), Double(region.gain.parameters)),
        .number(Quantity.compact(region.gain.macs), Double(region.gain.macs)),
      ])
  }
}
