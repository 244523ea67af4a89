/// How far some work is, and the lines that say so. Time comes in from outside.
struct ProgressState: Sendable {
  let title: String
  let start: ContinuousClock.Instant
  var total: Int?
  var completed = 0
  /// What is being worked on.
  var label = ""
  /// The best result so far.
  var best = ""

  init(title: String, total: Int?, start: ContinuousClock.Instant) {
    self.title = title
    self.total = total
    self.start = start
  }

  /// One line for a terminal of `width` columns. Where space is short the label is cut and left out, then the
  /// best result and the rate; the bar shrinks, and goes last.
  func bar(at now: ContinuousClock.Instant, width: Int, style: TextStyle) -> String {
    let room = width - 1
    var texts = [title, countText] + remainingText(at: now)
    for text in rateText(at: now) + bestText where joined(texts + [text]).displayWidth + 10 <= room {
      texts.append(text)
    }
    let spare = room - joined(texts).displayWidth
    guard spare >= 0 else { return joined(texts).truncated(to: room) }
    let barLength = total == nil || spare < 10 ? 0 : min(28, spare - 2)
    let labelRoom = spare - (barLength > 0 ? barLength + 2 : 0) - 2
    if !label.isEmpty, labelRoom >= 6 { texts.append(style.apply(label.truncated(to: labelRoom), .dim)) }
    if barLength > 0 { texts.insert(barText(length: barLength, style: style), at: 1) }
    return joined(texts)
  }

  /// One line for a log.
  func plainLine(at now: ContinuousClock.Instant) -> String {
    let texts = [countText] + rateText(at: now) + remainingText(at: now) + bestText
    return "\(title): " + texts.joined(separator: ", ")
  }

  /// Whether anything was counted, or took long enough that somebody noticed.
  func wasWork(at now: ContinuousClock.Instant) -> Bool {
    total != nil || completed > 0 || seconds(at: now) >= 0.2
  }

  func finalLine(at now: ContinuousClock.Instant) -> String {
    let isCounted = total != nil || completed > 0
    let texts = (isCounted ? [countText] : []) + bestText
    let result = texts.isEmpty ? "" : ": \(texts.joined(separator: ", "))"
    return "\(title)\(result) in \(Quantity.duration(now - start))"
  }
}

extension ProgressState {
  private func joined(_ texts: [String]) -> String { texts.joined(separator: "  ") }

  private var countText: String {
    total.map { "\(completed)/\($0)" } ?? "\(completed)"
  }

  private func barText(length: Int, style: TextStyle) -> String {
    let fraction = min(1, Double(completed) / Double(max(1, total ?? 1)))
    let filled = Int(fraction * Double(length))
    return style.apply(String(repeating: "━", count: filled), .green)
      + style.apply(String(repeating: "╌", count: length - filled), .dim)
  }

  private func seconds(at now: ContinuousClock.Instant) -> Double { (now - start) / .seconds(1) }

  /// Known only when something is done and some time has passed.
  private func rate(at now: ContinuousClock.Instant) -> Double? {
    let elapsed = seconds(at: now)
    return completed > 0 && elapsed >= 0.5 ? Double(completed) / elapsed : nil
  }

  private func rateText(at now: ContinuousClock.Instant) -> [String] {
    guard let rate = rate(at: now) else { return [] }
    let isFast = rate >= 1
    return [Quantity.fixed(isFast ? rate : rate * 60, digits: 1) + (isFast ? "/s" : "/min")]
  }

  private func remainingText(at now: ContinuousClock.Instant) -> [String] {
    guard let total, completed < total, let rate = rate(at: now) else { return [] }
    return ["\(Quantity.clock(.seconds(Double(total - completed) / rate))) left"]
  }

  private var bestText: [String] { best.isEmpty ? [] : ["best \(best)"] }
}
