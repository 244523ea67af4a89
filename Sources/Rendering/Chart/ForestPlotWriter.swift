import Foundation

/// Writes a `ForestPlot` from the top down.
struct ForestPlotWriter {
  private typealias Layout = ForestPlotLayout

  private let plot: ForestPlot
  private let layout: ForestPlotLayout
  /// What lies behind the rows, and the rest.
  private var back = SVGCanvas()
  private var front = SVGCanvas()
  /// The upper end of what comes next.
  private var y = 0.0

  init(_ plot: ForestPlot) {
    self.plot = plot
    layout = ForestPlotLayout(plot)
  }

  mutating func write() -> String {
    writeHead()
    let top = y
    for (index, section) in plot.sections.enumerated() { write(section, index) }
    writeAxes(from: top, to: y)
    writeFoot()
    back.add(front)
    return back.document(title: plot.title, width: Layout.width, height: y)
  }

  // MARK: Head and foot

  private mutating func writeHead() {
    front.text(plot.title.shown(atMost: 100), x: Layout.margin, y: 32, "heading")
    front.text(plot.subtitle.shown(atMost: 170), x: Layout.margin, y: 53, "quiet")
    writeLegend(y: 77)
    for panel in layout.panels {
      front.text(
        panel.column.title.shown(atMost: 60), x: (panel.start + panel.end) / 2, y: 108, "panel")
    }
    y = 132
  }

  private mutating func writeLegend(y: Double) {
    var x = Layout.margin
    func next(_ text: String, _ width: Double, _ symbol: (inout SVGCanvas, Double, Double) -> Void) {
      symbol(&front, x, y - 4)
      front.text(text, x: x + 26, y: y, "small")
      x += 26 + width
    }
    next("95 % interval", 92) { canvas, x, y in canvas.whisker(from: x, to: x + 20, y: y, "legend whisker") }
    next("certain at 95 %", 100) { $0.circle(x: $1 + 10, y: $2, radius: 3.6, "legend point") }
    next("could be chance", 104) { $0.circle(x: $1 + 10, y: $2, radius: 3.6, "legend open") }
    if let title = plot.otherTitle {
      next(title.shown(atMost: 60), 0) { $0.diamond(x: $1 + 10, y: $2, "other") }
    }
  }

  private mutating func writeFoot() {
    y += 34
    for line in plot.footnotes {
      front.text(line.shown(atMost: 190), x: Layout.margin, y: y, "small")
      y += 16
    }
    y += 4
  }

  // MARK: Rows

  private mutating func write(_ section: ForestPlot.Section, _ index: Int) {
    y += 8
    front.group(section.title.shown(atMost: 200), "hue\(index % ChartStyle.hues.count)") { canvas in
      canvas.circle(x: Layout.margin + 5, y: y + 9, radius: 4.5, "point")
      canvas.text(section.title.shown(atMost: 40), x: Layout.margin + 16, y: y + 13, "section")
      canvas.text(section.note.shown(atMost: 50), x: Layout.labelsEnd, y: y + 13, "detail")
    }
    y += 22
    for (number, row) in section.rows.enumerated() {
      if number % 2 == 0 {
        back.rectangle(
          x: Layout.margin, y: y, width: Layout.width - 2 * Layout.margin, height: Layout.rowHeight, "band")
      }
      write(row, index)
      y += Layout.rowHeight
    }
  }

  private mutating func write(_ row: ForestPlot.Row, _ section: Int) {
    let (middle, panels) = (y + Layout.rowHeight / 2, layout.panels)
    let texts = [row.label, row.detail] + row.cells.compactMap { $0?.text }
    let title = texts.filter { !$0.isEmpty }.joined(separator: ", ").shown(atMost: 600)
    front.group(title, "hue\(section % ChartStyle.hues.count)") { canvas in
      canvas.text(
        row.label.shownEnd(atMost: Layout.longestLabel), x: Layout.margin + 6, y: middle + 4, "label")
      canvas.text(
        row.detail.shownEnd(atMost: Layout.longestDetail), x: Layout.labelsEnd, y: middle + 4, "detail")
      for (panel, cell) in zip(panels, row.cells) {
        if let cell {
          Self.draw(cell, in: panel, at: middle, on: &canvas)
        } else {
          canvas.text("–", x: panel.x(panel.column.reference) + 6, y: middle + 4, "absent")
        }
      }
    }
  }

  private static func draw(
    _ cell: ForestPlot.Cell, in panel: Layout.Panel, at y: Double, on canvas: inout SVGCanvas
  ) {
    guard cell.value.isFinite else {
      return canvas.text(cell.value.isNaN ? "–" : "∞", x: panel.end - 4, y: y + 4, "endless")
    }
    let (reference, x) = (panel.column.reference, panel.x(cell.value))
    if panel.column.form == .bars {
      let zero = panel.x(reference)
      return canvas.rectangle(x: min(zero, x), y: y - 4, width: abs(x - zero), height: 8, "bar")
    }
    if let interval = cell.interval, interval.lowerBound.isFinite, interval.upperBound.isFinite {
      canvas.whisker(from: panel.x(interval.lowerBound), to: panel.x(interval.upperBound), y: y, "whisker")
    }
    if let other = cell.other, other.isFinite { canvas.diamond(x: panel.x(other), y: y, "other") }
    canvas.circle(x: x, y: y, radius: 3.6, cell.isCertain(against: reference) ? "point" : "open")
  }

  // MARK: Axes

  private mutating func writeAxes(from top: Double, to bottom: Double) {
    for panel in layout.panels {
      for tick in panel.scale.ticks {
        let x = panel.x(tick)
        let isReference = tick == panel.column.reference
        back.verticalLine(x: x, from: top, to: bottom + 4, isReference ? "reference" : "grid")
        back.text(panel.scale.text(tick), x: x, y: top - 6, "tick")
        back.text(panel.scale.text(tick), x: x, y: bottom + 18, "tick")
      }
    }
  }
}
