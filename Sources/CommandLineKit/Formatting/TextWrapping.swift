extension String {
  /// The text in lines of at most `width` columns. Lines that stand together are one paragraph and are filled
  /// anew; a line that begins with a space is kept as it is, and a word longer than a line stands alone.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var words: [Substring] = []
    for line in split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty || line.hasPrefix(" ") {
        lines += filled(words, width: width)
        words = []
        lines.append(String(line))
      } else {
        words += line.split(separator: " ")
      }
    }
    return lines + filled(words, width: width)
  }
}

private func filled(_ words: [Substring], width: Int) -> [String] {
  var lines: [String] = []
  for word in words.map(String.init) {
    if let last = lines.last, last.displayWidth + 1 + word.displayWidth <= width {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(word)
    }
  }
  return lines
}
