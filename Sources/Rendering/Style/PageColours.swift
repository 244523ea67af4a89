/// What a page needs to show pictures and charts in both themes.
public enum PageColours {
  /// Each colour of a picture in the light theme with the one in its place in the dark theme, as in `#1f2933`.
  public static let counterparts: [(light: String, dark: String)] = {
    var seen: Set<Colour> = []
    return zip(colours(of: .light), colours(of: .dark))
      .filter { light, _ in seen.insert(light).inserted }
      .map { (light: "\($0)", dark: "\($1)") }
  }()

  /// The rules of charts, for whoever takes them into a page; without the element around them.
  public static let chartSheet = ChartStyle.sheet
    .replacing("<style>\n", with: "").replacing("\n</style>", with: "")

  private static func colours(of theme: Theme) -> [Colour] {
    let palette = Palette.of(theme)
    let plain = [
      palette.background, palette.text, palette.quietText, palette.line, palette.neutralFill,
      palette.neutralBorder,
    ]
    let families = OperatorFamily.allCases.flatMap { [palette.fill($0), palette.border($0)] }
    return plain + families
      + Mark.allCases.flatMap { [palette.fill($0), palette.border($0), palette.text($0)] }
  }
}
