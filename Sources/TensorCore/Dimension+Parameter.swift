extension Dimension {
  /// The size that a file calls `text` (ONNX's `dim_param`): an expression over symbols where that prints as the
  /// same text, blanks aside, so that names survive; any other text is a symbol; unknown where it is empty.
  public init(parameter text: String) {
    if text.isEmpty {
      self = .unknown
    } else if let expression = DimensionExpression(parsing: text), expression.constant == nil,
      expression.description == text.filter({ $0 != " " })
    {
      self = .symbolic(expression)
    } else {
      self = .symbol(text)
    }
  }
}
