/// Puts pieces of a page one after the other. A string is text.
@resultBuilder enum HTMLBuilder {
  static func buildExpression(_ piece: HTML) -> [HTML] { [piece] }
  static func buildExpression(_ piece: HTML?) -> [HTML] { piece.map { [$0] } ?? [] }
  static func buildExpression(_ pieces: [HTML]) -> [HTML] { pieces }
  static func buildExpression(_ text: String) -> [HTML] { [.text(text)] }
  static func buildBlock(_ pieces: [HTML]...) -> [HTML] { pieces.flatMap(\.self) }
  static func buildOptional(_ pieces: [HTML]?) -> [HTML] { pieces ?? [] }
  static func buildEither(first pieces: [HTML]) -> [HTML] { pieces }
  static func buildEither(second pieces: [HTML]) -> [HTML] { pieces }
  static func buildArray(_ pieces: [[HTML]]) -> [HTML] { pieces.flatMap(\.self) }
}
