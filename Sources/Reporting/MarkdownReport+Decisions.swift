import CommandLineKit
import Search

extension MarkdownReport {
  mutating func writeDecisions() {
    guard !report.applied.isEmpty else { return }
    heading("What was changed, and why it could be")
    table(
      ["step", "strategy", "what", escaped(report.metric.name), "bytes", "MACs", "nodes", "why"],
      numbers: [0, 3, 4, 5, 6],
      report.applied.enumerated().map { index, step in
        [
          "\(index + 1)", step.strategy, "\(step.kind) \(code(step.title))", signed(step.metricChange),
          less(step.gain.bytes, Quantity.bytes), less(step.gain.macs, Quantity.compact),
          less(step.gain.nodes, Quantity.count), evidence(at: index),
        ]
      })
    lines.append(
      "Gains are what the model no longer needs; *\(escaped(report.metric.name))* is how the step changes it in the plan, on the "
        + "samples that chose; *alone* is what the same change did by itself, *refused* what the next bolder plan lost.\n"
    )
    guard !report.exactPasses.isEmpty else { return }
    let passes = report.exactPasses.map { "\(code($0.name)) × \($0.applications)" }.joined(separator: ", ")
    details(
      "Exact passes came first: \(report.baseline.nodes) nodes → \(report.exactNodes), the same results"
    ) {
      $0.lines.append(passes + "\n")
    }
  }

  private func evidence(at index: Int) -> String {
    let step = report.applied[index]
    let region = report.evidence(for: step)
    let alone = region.flatMap { region in
      region.metricChange.map { "alone \(signed($0)) on \(region.samples) samples" }
    }
    let moved = region.flatMap(\.distortion).map { "\(fixed($0 * 100, digits: 1)) % of the variance moved" }
    let bound = plans.refusal(beyond: index, of: report.applied).flatMap { point in
      point.steps.last.map { "refused: \(code($0.title)), loss \(fixed(point.loss))" }
    }
    return [alone, moved, bound].compactMap { $0 }.joined(separator: "; ")
  }

  /// Those that no other beats, and the result.
  mutating func writePlans() {
    let shown = plans.points.filter { $0.isOnFront || $0.isResult }
    guard let exact = plans.points.first?.cost, shown.count > 1 else { return }
    heading("Other plans")
    lines.append("![Loss and cost of every plan](pareto.svg)\n")
    details("The plans that no other beats, of \(plans.points.count) that were measured") {
      $0.table(
        ["point", "", "loss", "±", "latency", "bytes", "MACs", "plan"], numbers: [0, 2, 3, 4, 5, 6],
        shown.map { point in
          [
            "\(point.number)", point.isResult ? "result" : "", fixed(point.loss), fixed(point.standardError),
            point.cost.latency.map { "× \(fixed($0.ratio, digits: 2))" } ?? "",
            ratio(point.cost.bytes, exact.bytes), ratio(point.cost.macs, exact.macs), code(point.brief),
          ]
        })
      $0.lines.append("Any of them can be written: `workbench export RUN --point N`.\n")
    }
  }
}
