extension Dimension {
  /// The size that a file calls `text` (ONNX's `dim_param`): an expression over symbols, or a symbol with any
  /// other name; unknown where the name is empty.
  public init(parameter text: String) {
    if text.isEmpty {
      self = .unknown
    } else if let expression = DimensionExpression(parsing: text), expression.constant == nil {
      self = .symbolic(expression)
    } else {
      self = .symbol(text)
    }
  }
}
