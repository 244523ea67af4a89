/// Writes a `TradeOffPlot`.
struct TradeOffPlotWriter {
  private static let width = 1080.0
  private static let margin = 20.0
  private static let plotHeight = 420.0
  private static let top = 104.0
  private static let gap = 46.0
  private static let axisWidth = 54.0

  private let plot: TradeOffPlot
  /// Points that lose much more than the limit would press all others together.
  private let shown: [TradeOffPlot.Point]
  private let losses: ChartScale
  private var canvas = SVGCanvas()

  init(_ plot: TradeOffPlot) {
    self.plot = plot
    let most = plot.limit > 0 ? 1.6 * plot.limit : .infinity
    shown = plot.points.filter { $0.loss <= most }
    let ends = shown.flatMap { [$0.loss - $0.error, min($0.loss + $0.error, 1.25 * most)] }
    losses = .linear(ends + [plot.limit], including: 0, tickCount: 8)
  }

  private var bottom: Double { Self.top + Self.plotHeight }
  private var height: Double { bottom + 58 + 16 * Double(plot.footnotes.count + (leftOut == nil ? 0 : 1)) }
  private var start: Double { Self.margin + Self.axisWidth }

  private func y(_ loss: Double) -> Double { bottom - losses.position(loss) * Self.plotHeight }

  mutating func write() -> String {
    canvas.text(plot.title.shown(atMost: 100), x: Self.margin, y: 32, "heading")
    canvas.text(plot.subtitle.shown(atMost: 170), x: Self.margin, y: 53, "quiet")
    writeLegend(y: 77)
    let count = Double(max(plot.panels.count, 1))
    let panelWidth = (Self.width - Self.margin - start - Self.gap * (count - 1)) / count
    for (index, title) in plot.panels.enumerated() {
      let left = start + Double(index) * (panelWidth + Self.gap)
      writePanel(index, title, from: left, to: left + panelWidth, hasLossTicks: index == 0)
    }
    writeFoot()
    return canvas.document(title: plot.title, width: Self.width, height: height)
  }

  private mutating func writeLegend(y: Double) {
    var x = Self.margin
    let entries: [(String, TradeOffPlot.Point.Standing, Double)] = [
      ("the result", .chosen, 70), ("accepted by the samples that chose", .accepted, 200),
      ("refused", .refused, 52),
    ]
    for (text, standing, width) in entries {
      canvas.group(text, Self.hue(of: standing)) { canvas in
        Self.draw(standing, x: x + 10, y: y - 4, on: &canvas)
      }
      canvas.text(text, x: x + 24, y: y, "small")
      x += 24 + width
    }
    canvas.text("whiskers: one standard error; steps: the Pareto front", x: x + 8, y: y, "small")
  }

  private mutating func writePanel(
    _ index: Int, _ title: String, from left: Double, to right: Double, hasLossTicks: Bool
  ) {
    let costs = ChartScale.linear(shown.compactMap { $0.costs[index] } + [1], including: 0, tickCount: 9)
    func x(_ cost: Double) -> Double { left + costs.position(cost) * (right - left) }
    for tick in costs.ticks {
      canvas.verticalLine(x: x(tick), from: Self.top, to: bottom, "grid")
      canvas.text(costs.text(tick), x: x(tick), y: bottom + 16, "tick")
    }
    canvas.text(title.shown(atMost: 60), x: (left + right) / 2, y: bottom + 36, "panel")
    for tick in losses.ticks {
      canvas.horizontalLine(y: y(tick), from: left, to: right, tick == 0 ? "reference" : "grid")
      if hasLossTicks { canvas.text(losses.text(tick), x: left - 8, y: y(tick) + 4, "detail") }
    }
    if hasLossTicks {
      canvas.text(plot.lossTitle.shown(atMost: 40), x: Self.margin, y: Self.top - 8, "section")
    }
    canvas.horizontalLine(y: y(plot.limit), from: left, to: right, "limit")
    canvas.text("budget", x: right - 4, y: y(plot.limit) - 5, "detail")
    let known = shown.compactMap { point in point.costs[index].map { (point: point, x: x($0)) } }
    canvas.steps(front(known), "front")
    for (point, x) in known { write(point, x: x) }
  }

  /// Accepted points that no other beats in both loss and cost, as corners of a staircase.
  private func front(_ points: [(point: TradeOffPlot.Point, x: Double)]) -> [(x: Double, y: Double)] {
    var least = Double.infinity
    return points.filter { $0.point.standing != .refused }
      .sorted { ($0.point.loss, $0.x) < ($1.point.loss, $1.x) }
      .compactMap { point, x in
        guard x < least else { return nil }
        least = x
        return (x, y(point.loss))
      }
  }

  private mutating func write(_ point: TradeOffPlot.Point, x: Double) {
    let (middle, high, low) = (y(point.loss), y(point.loss + point.error), y(point.loss - point.error))
    canvas.group(point.text.shown(atMost: 600), Self.hue(of: point.standing)) { canvas in
      if point.error > 0 { canvas.verticalLine(x: x, from: high, to: low, "whisker") }
      Self.draw(point.standing, x: x, y: middle, on: &canvas)
      canvas.text(point.label, x: x + 7, y: middle - 6, "small")
    }
  }

  private static func hue(of standing: TradeOffPlot.Point.Standing) -> String {
    standing == .chosen ? "hue1" : standing == .accepted ? "hue0" : "hue3"
  }

  private static func draw(
    _ standing: TradeOffPlot.Point.Standing, x: Double, y: Double, on canvas: inout SVGCanvas
  ) {
    canvas.circle(
      x: x, y: y, radius: standing == .chosen ? 5.5 : 3.8, standing == .refused ? "open" : "point")
  }

  private var leftOut: String? {
    let count = plot.points.count - shown.count
    return count > 0 ? "Not shown: \(count) that lose far more than the budget." : nil
  }

  private mutating func writeFoot() {
    var y = bottom + 58
    for line in plot.footnotes + (leftOut.map { [$0] } ?? []) {
      canvas.text(line.shown(atMost: 190), x: Self.margin, y: y, "small")
      y += 16
    }
  }
}
