import Foundation
import Rendering

extension SensitivityReport {
  /// The drop of each change with its interval, how far outputs move, and what is gained, by strategy.
  /// - Parameter rows: at most so many, the first of each strategy; the table has them all.
  public func chart(rows: Int) -> ForestPlot {
    let sections = sections(rows: rows)
    let hasBoth = changes.contains { $0.refitted != nil && $0.bare != nil }
    return ForestPlot(
      title: "Sensitivity of \(URL(filePath: model).pathComponents.suffix(2).joined(separator: "/"))",
      subtitle: "what one change alone does to \(metric.name), which is \(shown(baseline)) on "
        + "\(samples) samples; those that lose least for the \(gained) they save come first",
      columns: columns, sections: sections,
      otherTitle: hasBoth ? "without refitting the last layer" : nil, footnotes: footnotes)
  }

  private var hasLatency: Bool { changes.contains { $0.latency != nil } }

  private var columns: [ForestPlot.Column] {
    let gained = objective == "macs" ? "MACs saved, %" : "bytes saved, %"
    return [
      .init(
        (metric.higherIsBetter ? "drop of " : "rise of ") + metric.name, .points,
        logarithmicAbove: smallestDistance, width: 2.2),
      .init("SQNR, dB", .points),
      hasLatency ? .init("latency, ×", .points, reference: 1) : nil,
      .init(gained, .bars),
    ].compactMap { $0 }
  }

  /// Half the width of a typical interval: what lies closer together cannot be told apart.
  private var smallestDistance: Double? {
    let halves = changes.compactMap { $0.best.map { ($0.drop.upper - $0.drop.lower) / 2 } }
      .filter { $0 > 0 && $0.isFinite }.sorted()
    return halves.isEmpty ? nil : halves[halves.count / 4]
  }

  /// Strategies share the rows evenly; what one does not need is the others'.
  private func sections(rows: Int) -> [ForestPlot.Section] {
    let groups = Dictionary(grouping: changes, by: \.strategy).sorted { $0.key < $1.key }
    var shares = [Int](repeating: 0, count: groups.count)
    var left = min(rows, changes.count)
    while left > 0 {
      for index in groups.indices where left > 0 && shares[index] < groups[index].value.count {
        shares[index] += 1
        left -= 1
      }
    }
    return zip(groups, shares).filter { $0.1 > 0 }.map { group, share in
      let count = group.value.count
      return ForestPlot.Section(
        title: group.key, note: share < count ? "first \(share) of \(count)" : "",
        rows: group.value.prefix(share).map { row(of: $0) })
    }
  }

  private func row(of change: Change) -> ForestPlot.Row {
    let drop = change.best.map { effect in
      ForestPlot.Cell(
        effect.drop.value, effect.drop.range, other: change.refitted == nil ? nil : change.bare?.drop.value,
        text: "drop \(shown(effect.drop.value)) (\(shown(effect.drop.lower)) to \(shown(effect.drop.upper)))")
    }
    let noise = change.best.flatMap { effect in
      effect.sqnrDecibels.map { ForestPlot.Cell($0, text: "SQNR \(fixed($0, digits: 1)) dB") }
    }
    let latency = change.latency.map { latency in
      ForestPlot.Cell(
        latency.ratio.value, latency.ratio.range, text: "latency × \(fixed(latency.ratio.value, digits: 3))")
    }
    let isMACs = objective == "macs"
    let saved = change.gain.map { gain in
      let (part, whole) = isMACs ? (gain.macs, total.macs) : (gain.bytes, total.bytes)
      let percent = 100 * Double(part) / Double(max(whole, 1))
      return ForestPlot.Cell(
        percent, text: "\(fixed(percent, digits: 2)) % of the \(isMACs ? "MACs" : "bytes") saved")
    }
    let cells = hasLatency ? [drop, noise, latency, saved] : [drop, noise, saved]
    return ForestPlot.Row(label: change.layer, detail: change.action, cells: cells)
  }

  private var footnotes: [String] {
    var lines = [
      unit,
      "Each change was made to the exact model, whose outputs are the original's. \(intervals).",
    ].compactMap { $0 }
    if hasLatency, let latency = changes.lazy.compactMap(\.latency).first {
      lines.append(
        "Latency in proportion to the exact model's, in interleaved rounds: batch \(latency.batch), \(threadCount(latency.threads)), \(runtime)."
      )
    }
    return lines
  }
}

extension SearchReport.Estimate {
  /// Nil where the ends are in the wrong order, or are no numbers.
  fileprivate var range: ClosedRange<Double>? { lower <= upper ? lower...upper : nil }
}
