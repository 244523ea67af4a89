extension String {
  /// The number of terminal columns that the text takes: 0 for combining marks and escape sequences, 2 for
  /// East Asian wide characters and emoji.
  var displayWidth: Int {
    withoutEscapes.reduce(0) { $0 + $1.displayWidth }
  }

  /// The text without colours.
  private var withoutEscapes: Substring {
    guard contains("\u{1B}") else { return self[...] }
    return self[...].replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "")
  }

  /// The text padded with spaces to `width` columns.
  func padded(to width: Int, alignment: Alignment = .left) -> String {
    let padding = String(repeating: " ", count: max(0, width - displayWidth))
    return alignment == .left ? self + padding : padding + self
  }

  /// The text cut to `width` columns, with an ellipsis where something is missing. Only for text without escapes.
  func truncated(to width: Int) -> String {
    guard displayWidth > width else { return self }
    var room = width - 1
    let kept = prefix { character in
      room -= character.displayWidth
      return room >= 0
    }
    return width > 0 ? kept + "…" : ""
  }
}

/// Where text stands in its column.
public enum Alignment: Sendable { case left, right }

extension Character {
  fileprivate var displayWidth: Int {
    guard let scalar = unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if scalar.value < 0x1100 { return 1 }
    let isWide = wideRanges.contains { $0.contains(scalar.value) } || scalar.properties.isEmojiPresentation
    return isWide ? 2 : 1
  }
}

/// Unicode's East Asian Width W and F, in blocks rather than to the letter.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
  0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
]
