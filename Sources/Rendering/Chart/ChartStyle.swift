/// How charts look in both themes.
enum ChartStyle {
  /// Of sections, from Okabe and Ito's palette, which the colour-blind can tell apart; darker in part, so that a point
  /// stands out on white ("Color Universal Design", 2008).
  static let hues = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0x56B4E9, 0xE69F00].map { Colour($0) }

  static let sheet = """
    <style>
    text { font: 12px system-ui, "Helvetica Neue", Arial, sans-serif }
    .heading { font-size: 17px; font-weight: 600 }
    .panel, .section { font-weight: 600 }
    .panel, .tick { text-anchor: middle }
    .small, .detail, .tick, .absent { font-size: 11px }
    .label { font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
    .detail, .endless { text-anchor: end }
    .point, .open, .other { stroke-width: 1.4 }
    .whisker { fill: none; stroke-width: 1.3 }
    .grid { stroke-width: 0.7 }
    .limit, .front { fill: none; stroke-width: 1.4; stroke-dasharray: 5 4 }
    .front { stroke-dasharray: none; stroke-width: 1 }
    .reference { stroke-width: 1.2 }
    \(colours(.of(.light)))
    @media (prefers-color-scheme: dark) {
    \(colours(.of(.dark)))
    }
    </style>
    """

  private static func colours(_ palette: Palette) -> String {
    let background = palette.background
    let sections = hues.enumerated().map { index, hue in
      let line = hue.mixed(with: palette.text, 0.12)
      return """
        .hue\(index) .point, .hue\(index) .bar { fill: \(line); stroke: \(line) }
        .hue\(index) .open, .hue\(index) .whisker { stroke: \(line) }
        """
    }
    return
      ([
        ".background, .open, .other { fill: \(background) }",
        "text { fill: \(palette.text) }",
        ".quiet, .small, .detail, .tick, .absent { fill: \(palette.quietText) }",
        ".band { fill: \(palette.neutralFill) }",
        ".grid { stroke: \(palette.neutralBorder.mixed(with: background, 0.5)) }",
        ".reference, .limit, .front { stroke: \(palette.line) }",
        ".other, .legend { stroke: \(palette.quietText) }",
        ".legend.point { fill: \(palette.quietText) }",
      ] + sections).joined(separator: "\n")
  }
}
