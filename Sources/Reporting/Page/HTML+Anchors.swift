extension HTML.Anchor {
  static let top = Self("top")
  static let summary = Self("summary")
  static let decisions = Self("decisions")
  static let plans = Self("plans")
  static let graph = Self("graph")
  static let regions = Self("regions")
  static let sensitivity = Self("sensitivity")
  static let changes = Self("changes")
  static let method = Self("method")
  static let find = Self("find")

  /// The rows of tables, counted from 1; plans by their own numbers.
  static func decision(_ number: Int) -> Self { Self("decision", number) }
  static func region(_ number: Int) -> Self { Self("region", number) }
  static func plan(_ number: Int) -> Self { Self("plan", number) }
  static func change(_ number: Int) -> Self { Self("change", number) }
  /// Of a plan in a chart.
  static func point(_ number: Int) -> Self { Self("point", number) }
  static func picture(_ number: Int) -> Self { Self("picture", number) }
}
