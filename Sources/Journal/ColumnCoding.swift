/// Columns of numbers as bytes: for each its length, then its numbers, all in 8 bytes, little end first.
enum ColumnCoding {
  static func bytes(of columns: [[Double]]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(columns.reduce(0) { $0 + 8 * ($1.count + 1) })
    for column in columns {
      append(UInt64(column.count), to: &bytes)
      for number in column { append(number.bitPattern, to: &bytes) }
    }
    return bytes
  }

  /// Nil for bytes that are no columns.
  static func columns(of bytes: [UInt8]) -> [[Double]]? {
    guard bytes.count % 8 == 0 else { return nil }
    let words = stride(from: 0, to: bytes.count, by: 8).map { start in
      (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
    var columns: [[Double]] = []
    var rest = words[...]
    while let count = rest.popFirst() {
      guard count <= UInt64(rest.count) else { return nil }
      columns.append(rest.prefix(Int(count)).map { Double(bitPattern: $0) })
      rest = rest.dropFirst(Int(count))
    }
    return columns
  }

  private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))) }
  }
}
