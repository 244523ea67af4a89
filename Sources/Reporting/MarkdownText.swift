/// A name as code, in a table or in running text. Inside code only these characters mean something.
func code(_ text: String) -> String {
  guard !text.isEmpty else { return "–" }
  let safe = text.prefix(300).map { character -> String in
    switch character {
    case "`": "'"
    case "|": "\\|"
    case _ where character.isNewline: " "
    default: String(character)
    }
  }
  return "`\(safe.joined())`"
}

/// Names come from files: nothing in them may act as markup.
func escaped(_ text: String) -> String {
  var result = ""
  for character in text.prefix(300) {
    switch character {
    case "|": result += "\\|"
    case "`": result += "'"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "[", "]", "*", "_", "\\", "!", "#": result += "\\\(character)"
    case _ where character.isNewline: result += " "
    default: result.append(character)
    }
  }
  return result
}
