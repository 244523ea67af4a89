import CommandLineKit

extension SearchReport {
  /// What changed in one respect, in words.
  struct ComparisonRow {
    var title: String
    var before: String
    var after: String
    var change: String
  }

  var comparison: [ComparisonRow] {
    let (before, after) = (baseline, result)
    func metric(_ part: String, _ value: KeyPath<Variant, Double>) -> ComparisonRow {
      let (old, new) = (before[keyPath: value], after[keyPath: value])
      return ComparisonRow(
        title: "\(self.metric.name), \(part)", before: fixed(old), after: fixed(new),
        change: signed(new - old))
    }
    func count(_ title: String, _ value: KeyPath<Variant, Int>) -> ComparisonRow {
      let (old, new) = (before[keyPath: value], after[keyPath: value])
      return ComparisonRow(
        title: title, before: Quantity.count(old), after: Quantity.count(new), change: ratio(new, old))
    }
    let speed = after.latency.ratio
    return [
      metric("held back", \.metric), metric("search", \.searchMetric), count("nodes", \.nodes),
      count("parameters", \.parameters), count("bytes", \.bytes),
      count("multiply-accumulates a sample", \.macs),
      ComparisonRow(
        title: "latency, batch \(after.latency.batch), \(threadCount(after.latency.threads))",
        before: milliseconds(before.latency), after: milliseconds(after.latency),
        change: "× \(fixed(speed.value, digits: 2)) (\(fixed(speed.lower, digits: 2)) to "
          + "\(fixed(speed.upper, digits: 2)))"),
    ]
  }

  static let lookColumns = ["look", "steps", "samples", "loss", "upper bound", "share of the error", ""]

  /// What the held-back samples were asked, where it was more than once, or in vain.
  var lookRows: [[String]] {
    let looks = confirmation.looks
    guard looks.contains(where: { !$0.isAccepted }) else { return [] }
    return looks.enumerated().map { index, look in
      [
        "\(index + 1) of at most \(confirmation.possibleLooks)", "\(look.steps)", "\(look.samples)",
        look.loss.map { fixed($0) } ?? "failed", look.upperBound.map { fixed($0) } ?? "",
        fixed(look.errorShare, digits: 3), look.isAccepted ? "confirmed" : "refused",
      ]
    }
  }
}
