/// Colours text, or leaves it alone where colours are not wanted.
public struct TextStyle: Sendable {
  public enum Attribute: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
    case magenta = 35
    case cyan = 36
  }

  public static let plain = TextStyle(isColored: false)

  public var isColored: Bool

  public init(isColored: Bool) {
    self.isColored = isColored
  }

  public func apply(_ text: String, _ attributes: Attribute...) -> String {
    guard isColored, !attributes.isEmpty else { return text }
    let codes = attributes.map { "\($0.rawValue)" }.joined(separator: ";")
    return "\u{1B}[\(codes)m\(text)\u{1B}[0m"
  }
}
