/// Where the parts of a `ForestPlot` are, in pixels.
struct ForestPlotLayout {
  /// A column of the plot, with its axis.
  struct Panel {
    let column: ForestPlot.Column
    let scale: ChartScale
    let start: Double
    let width: Double

    var end: Double { start + width }

    func x(_ value: Double) -> Double { start + scale.position(value) * width }
  }

  static let width = 1080.0
  static let margin = 20.0
  static let rowHeight = 18.0
  static let labelsEnd = 388.0
  /// Characters that fit.
  static let longestLabel = 38
  static let longestDetail = 20

  let panels: [Panel]

  private static let gap = 34.0

  init(_ plot: ForestPlot) {
    let rows = plot.sections.flatMap(\.rows)
    let start = Self.labelsEnd + 20
    let gaps = Self.gap * Double(max(plot.columns.count - 1, 0))
    let room = Self.width - Self.margin - start - gaps
    let total = plot.columns.reduce(0) { $0 + $1.width }
    var panels: [Panel] = []
    for (index, column) in plot.columns.enumerated() {
      let width = room * column.width / max(total, 1e-9)
      let values = rows.flatMap { $0.cells.indices.contains(index) ? $0.cells[index]?.values ?? [] : [] }
      panels.append(
        Panel(
          column: column, scale: Self.scale(of: column, values, tickCount: Int(width / 44)),
          start: (panels.last?.end).map { $0 + Self.gap } ?? start, width: width))
    }
    self.panels = panels
  }

  private static func scale(
    of column: ForestPlot.Column, _ values: [Double], tickCount: Int
  ) -> ChartScale {
    if let threshold = column.logarithmicAbove {
      return .symmetricLogarithm(values, threshold: threshold, tickCount: tickCount)
    }
    return .linear(values, including: column.reference, tickCount: tickCount)
  }
}
