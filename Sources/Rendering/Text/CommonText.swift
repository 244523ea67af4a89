/// What texts have in common: `layers.*/fc` for `layers.0/fc` and `layers.1/fc`, where they differ in numbers only;
/// otherwise the first, and a sign that there are others.
func commonText(_ texts: [String]) -> String {
  guard let first = texts.first else { return "" }
  var parts = numberParts(of: first)
  for text in texts.dropFirst() where text != first {
    let others = numberParts(of: text)
    guard others.count == parts.count else { return first + " …" }
    for (index, other) in others.enumerated() where other != parts[index] && parts[index] != "*" {
      // Numbers stand at odd places.
      guard index % 2 == 1 else { return first + " …" }
      parts[index] = "*"
    }
  }
  return parts.joined()
}

/// Text, number, text, number, …; only digits count as numbers.
private func numberParts(of text: String) -> [String] {
  var parts = [""]
  for scalar in text.unicodeScalars {
    let isDigit = ("0"..."9").contains(scalar)
    if isDigit != (parts.count % 2 == 0) { parts.append("") }
    parts[parts.count - 1].unicodeScalars.append(scalar)
  }
  return parts
}
