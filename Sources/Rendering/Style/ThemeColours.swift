extension GraphPicture {
  /// Each colour of the picture in the light theme with the one in its place in the dark theme, as in `#1f2933`, sorted:
  /// for a page that shows one picture in both.
  ///
  /// In both themes the picture is the same but for its colours, so that these correspond by place.
  public var themeColours: [ThemeColour] {
    var (light, dark) = (self, self)
    light.appearance.theme = .light
    dark.appearance.theme = .dark
    let pairs = Set(zip(light.dot.colours, dark.dot.colours).map { ThemeColour(light: $0, dark: $1) })
    return pairs.filter { $0.light != $0.dark }.sorted { ($0.light, $0.dark) < ($1.light, $1.dark) }
  }
}

/// A colour in both themes.
public struct ThemeColour: Hashable, Sendable {
  public let light: String
  public let dark: String
}

/// The rules of charts, for whoever takes charts into a page; without the element around them.
public enum ChartSheet {
  public static let rules = ChartStyle.sheet
    .replacing("<style>\n", with: "").replacing("\n</style>", with: "")
}

extension String {
  /// All `#rrggbb` in it, one after the other.
  fileprivate var colours: [String] {
    let bytes = Array(utf8)
    return bytes.indices.filter { index in
      bytes[index] == UInt8(ascii: "#") && bytes.count - index > 6
        && bytes[(index + 1)...(index + 6)].allSatisfy(Self.isDigit)
    }.map { String(decoding: bytes[$0...($0 + 6)], as: UTF8.self) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
  }
}
