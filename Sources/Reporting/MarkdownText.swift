// Names come from files: nothing in them may act as markup. What acts is a scalar, also where a combining mark behind it
// makes another character of the two.

/// A name as code, in a table or in running text. Inside code only these scalars mean something.
func code(_ text: String) -> String {
  guard !text.isEmpty else { return "–" }
  return "`" + text.mapped { $0 == "`" ? "'" : $0 == "|" ? "\\|" : nil } + "`"
}

/// A name in running text.
func escaped(_ text: String) -> String {
  text.mapped { scalar in
    switch scalar {
    case "`": "'"
    case "<": "&lt;"
    case ">": "&gt;"
    case "&": "&amp;"
    case "|", "[", "]", "*", "_", "\\", "!", "#": "\\\(scalar)"
    default: nil
    }
  }
}

extension String {
  /// The first scalars of it, each as `replacement` has it, on one line.
  fileprivate func mapped(_ replacement: (Unicode.Scalar) -> String?) -> String {
    var result = ""
    for scalar in unicodeScalars.prefix(300) {
      if let text = replacement(scalar) {
        result += text
      } else {
        result.unicodeScalars.append(Character(scalar).isNewline ? " " : scalar)
      }
    }
    return result
  }
}
