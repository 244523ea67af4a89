// Names in models are anybody's text. What reaches a picture is short, visible, and escaped for where it stands.

extension String {
  /// At most `limit` scalars, each of them visible: control characters become their pictures (`␊`), and
  /// those that reorder or hide text become `�`.
  func shown(atMost limit: Int) -> String {
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in unicodeScalars {
      if count == limit {
        result.removeLast()
        result.append("…")
        break
      }
      result.append(Self.visible(scalar))
      count += 1
    }
    return String(result)
  }

  /// Like `shown(atMost:)`, but it is the end that stays: paths differ there.
  func shownEnd(atMost limit: Int) -> String {
    let end = unicodeScalars.suffix(limit + 1)
    guard end.count > limit else { return String(end).shown(atMost: limit) }
    return "…" + String(end.dropFirst(2)).shown(atMost: limit)
  }

  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0, 0xFFFE, 0xFFFF: "\u{FFFD}"
    default: scalar.properties.generalCategory == .format ? "\u{FFFD}" : scalar
    }
  }

  /// For text inside an HTML-like label.
  var escapedForHTML: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// As a quoted string of DOT that Graphviz prints as it is: neither its own escapes (`\N`) nor entities
  /// (`&lt;`) are read in it. Line feeds stay line feeds.
  var quotedForDOT: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "&": result += "&amp;"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Letters, digits and single `_` only, at most 60 of them.
  var asIdentifier: String {
    var result = ""
    var pendingGap = false
    for scalar in unicodeScalars.suffix(200) {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9":
        if pendingGap, !result.isEmpty { result += "_" }
        pendingGap = false
        result.unicodeScalars.append(scalar)
      default:
        pendingGap = true
      }
    }
    return String(result.suffix(60))
  }
}

/// Gives out identifiers that are unique in one picture.
struct IdentifierTable {
  private var nextNumber: [String: Int] = [:]

  /// `prefix_name`, with a number behind it where that is taken.
  mutating func unique(_ prefix: String, _ name: String) -> String {
    let base = prefix + "_" + name.asIdentifier
    guard let number = nextNumber[base] else {
      nextNumber[base] = 2
      return base
    }
    nextNumber[base] = number + 1
    return unique(prefix, name.asIdentifier + "_\(number)")
  }
}
