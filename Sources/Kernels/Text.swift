// Loops over the bytes of text.

/// The first place from `start` on of a comma, a quote, a line end or a zero, and otherwise the end.
public func firstSeparator(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
  var index = start
  while index < bytes.count {
    switch bytes[index] {
    case 0x2C, 0x22, 0x0A, 0x0D, 0: return index
    default: index &+= 1
    }
  }
  return index
}

/// The first place from `start` on of a quote or a zero, and otherwise the end; with the line ends before it.
public func firstQuote(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (index: Int, lines: Int) {
  var (index, lines) = (start, 0)
  while index < bytes.count, bytes[index] != 0x22, bytes[index] != 0 {
    if bytes[index] == 0x0A { lines &+= 1 }
    index &+= 1
  }
  return (index, lines)
}
