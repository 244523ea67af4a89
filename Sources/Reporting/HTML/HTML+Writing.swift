extension HTML {
  /// As markup.
  func write(to page: inout String) {
    switch self {
    case .text(let text):
      page += text.escapedForPage
    case .element(let tag, let attributes, let content):
      page += "<\(tag.rawValue)"
      for attribute in attributes {
        page += " \(attribute.name.rawValue)=\"\(attribute.value.escapedForPage)\""
      }
      page += ">"
      guard !tag.isVoid else { return }
      for piece in content { piece.write(to: &page) }
      page += "</\(tag.rawValue)>"
    }
  }
}

extension String {
  /// Text that means itself, between tags as between quotation marks. What a page may not hold, and what would
  /// reorder or hide the text around it, becomes `�`.
  var escapedForPage: String {
    if utf8.allSatisfy(Self.isPlain) { return self }
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar.isHarmless ? scalar : "\u{FFFD}")
      }
    }
    return result
  }

  /// ASCII without anything that means something.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    default: (0x20..<0x7F).contains(byte)
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isHarmless: Bool {
    switch value {
    case 0x09, 0x0A: true
    case 0..<0x20, 0x7F..<0xA0, 0xFDD0...0xFDEF: false
    default: value & 0xFFFE != 0xFFFE && properties.generalCategory != .format
    }
  }
}
