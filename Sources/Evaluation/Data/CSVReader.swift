import Kernels
import TensorCore

/// Reads comma-separated values record by record, as RFC 4180 has them: a field in quotes may hold commas, line ends
/// and doubled quotes. Lines may end with a line feed alone, a byte order mark may come first, and empty lines at the
/// end are no records.
struct CSVReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset: Int
  /// Where the record begins that was read last, from 1.
  private(set) var line = 0
  private var nextLine = 1

  static let fieldLimit = 1 << 20
  static let columnLimit = 1 << 16

  /// `bytes` must outlive this reader.
  init(_ bytes: UnsafeRawBufferPointer) {
    let end = bytes.lastIndex { $0 != Self.lineFeed && $0 != Self.carriageReturn }.map { $0 + 1 } ?? 0
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<end])
    offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The fields of the next record; nil at the end.
  mutating func record() throws -> [ByteString]? {
    guard offset < bytes.count else { return nil }
    line = nextLine
    var fields: [ByteString] = []
    repeat {
      guard fields.count < Self.columnLimit else {
        throw DatasetError("line \(line): has more than \(Self.columnLimit) columns")
      }
      fields.append(try field(number: fields.count + 1))
    } while take(Self.comma)
    _ = take(Self.carriageReturn)
    _ = take(Self.lineFeed)
    nextLine += 1
    return fields
  }

  private mutating func field(number: Int) throws -> ByteString {
    let start = (line: nextLine, isQuoted: next == Self.quote)
    func failure(_ message: String) -> DatasetError {
      DatasetError("line \(start.line), column \(number): \(message)")
    }
    let contents = try start.isQuoted ? quoted(failure) : plain()
    guard contents.count <= Self.fieldLimit else { throw failure("takes more than 1 MiB") }
    guard next != 0 else { throw failure("holds a NUL byte: this is no text") }
    guard endsField else {
      throw failure(start.isQuoted ? "goes on after its closing quote" : "holds a quote or a carriage return")
    }
    let field = ByteString(bytes: contents)
    guard field.text != nil else { throw failure("is no UTF-8 text") }
    return field
  }

  private mutating func plain() -> [UInt8] {
    let start = offset
    offset = firstSeparator(bytes, from: start)
    return Array(bytes[start..<min(offset, start + Self.fieldLimit + 1)])
  }

  /// Stops behind the closing quote, or at a zero.
  private mutating func quoted(_ failure: (String) -> DatasetError) throws -> [UInt8] {
    var contents: [UInt8] = []
    offset += 1
    while true {
      let (end, lines) = firstQuote(bytes, from: offset)
      guard end < bytes.count else { throw failure("has no closing quote") }
      contents += bytes[offset..<min(end, offset + Self.fieldLimit + 1)]
      nextLine += lines
      offset = end
      guard take(Self.quote), contents.count <= Self.fieldLimit, next == Self.quote else { return contents }
      offset += 1
      contents.append(Self.quote)
    }
  }

  // MARK: Bytes

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// At a comma, a line end, or the end of the text.
  private var endsField: Bool {
    switch next {
    case nil, Self.comma, Self.lineFeed: true
    case Self.carriageReturn: offset + 1 < bytes.count && bytes[offset + 1] == Self.lineFeed
    default: false
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    offset += 1
    return true
  }
}
