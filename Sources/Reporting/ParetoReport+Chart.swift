import Foundation
import Rendering
import Search

extension ParetoReport {
  /// Losses against the objective, and against bytes where latency is the objective.
  public func chart() -> TradeOffPlot {
    let exact = points.first?.cost
    return TradeOffPlot(
      title: "Plans for \(URL(filePath: model).pathComponents.suffix(2).joined(separator: "/"))",
      subtitle: "what each plan loses on the samples that chose, and what it costs next to the exact model",
      lossTitle: (metric.higherIsBetter ? "drop of " : "rise of ") + metric.name, limit: limit,
      panels: objective == .latency ? ["latency, ×", "bytes of weights, ×"] : ["\(objective.subject), ×"],
      points: points.map { point in
        let bytes = exact.map { Double(point.cost.bytes) / Double(max($0.bytes, 1)) }
        return TradeOffPlot.Point(
          label: "\(point.number)", loss: point.loss, error: point.standardError,
          standing: point.isResult ? .chosen : point.isWithinBudget ? .accepted : .refused,
          costs: objective == .latency ? [point.share, bytes] : [point.share],
          text: "\(point.number): \(point.title)")
      },
      footnotes: ["Any plan can be written: workbench export RUN --point N."])
  }
}
