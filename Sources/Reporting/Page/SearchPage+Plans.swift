import CommandLineKit
import Search

extension SearchPage {
  var planSection: PageSection? {
    guard !plans.points.isEmpty else { return nil }
    return PageSection(.plans, "Every plan that was measured") {
      Tag.p(.class("quiet")) {
        "A point leads to its row. Any plan can be written: workbench export RUN --point N. Losses are those on the "
          + "samples that chose, too good for plans that were chosen by them."
      }
      chart
      planTable.html()
    }
  }

  private var chart: HTML {
    let drawn = try? SVGReader.read(Array(plans.chart().svg().utf8))
    guard let drawn else { return Tag.p { "The chart is in pareto.svg." } }
    let numbers = Set(plans.points.map(\.number))
    return Tag.figure(.class("wide"), .role("region"), .label("Chart of plans"), .fixed(.tabindex, "0")) {
      ChartFigure.html(of: drawn, title: "Loss and cost of every plan") { title in
        title.split(separator: ":").first.flatMap { Int($0) }.flatMap { numbers.contains($0) ? $0 : nil }
      }
    }
  }

  private var planTable: PageTable {
    PageTable(
      title: "Plans",
      columns: [
        .number("point"), .text("standing"), .number("loss"), .number("± standard error"), .number("latency"),
        .number("bytes"), .number("MACs"), .text("plan"),
      ],
      rows: plans.points.map(planRow))
  }

  private func planRow(_ point: PlanPoint) -> PageTable.Row {
    let exact = plans.points.first?.cost
    func share(_ part: Int, _ whole: Int?) -> PageTable.Cell {
      guard let whole, whole > 0 else { return .number("–", nil) }
      let share = Double(part) / Double(whole)
      return .number("× \(fixed(share, digits: 3))", share)
    }
    let latency = point.steps.isEmpty ? 1 : point.cost.latency?.ratio
    return PageTable.Row(
      anchor: .plan(point.number),
      cells: [
        .html(Double(point.number)) { Tag.a(.link(to: .point(point.number))) { "\(point.number)" } },
        .text(Self.standing(of: point)), .number(fixed(point.loss), point.loss),
        .number(point.steps.isEmpty ? "–" : fixed(point.standardError), point.standardError),
        latency.map { .number("× \(fixed($0, digits: 3))", $0) } ?? .number("–", nil),
        share(point.cost.bytes, exact?.bytes), share(point.cost.macs, exact?.macs), steps(of: point),
      ])
  }

  private static func standing(of point: PlanPoint) -> String {
    if point.isResult { return "result" }
    if !point.isWithinBudget { return "refused" }
    return point.isOnFront ? "on the front" : "accepted"
  }

  private func steps(of point: PlanPoint) -> PageTable.Cell {
    guard point.steps.count > 1 else { return .text(point.title.visible(atMost: 300)) }
    return .html {
      Tag.details {
        Tag.summary { point.brief.visible(atMost: 300) }
        Tag.ol {
          for step in point.steps { Tag.li { "\(step.strategy): \(step.title)".visible(atMost: 300) } }
        }
      }
    }
  }
}
