import TensorCore

/// Fields of one kind, read one after the other.
struct CSVColumn {
  private enum Values {
    case reals([Double])
    case integers([Int])
    case text([ByteString])
  }

  private var values: Values

  /// For an input of this type; nil for text.
  init(for type: ElementType?) {
    switch type {
    case nil, .string?: values = .text([])
    case let type? where type.isInteger || type == .bool: values = .integers([])
    default: values = .reals([])
    }
  }

  /// - Throws: `DatasetError` that says why the field is no such value.
  mutating func append(_ field: ByteString) throws {
    switch values {
    case .reals(var reals):
      values = .text([])
      reals.append(try Self.real(field))
      values = .reals(reals)
    case .integers(var integers):
      values = .text([])
      integers.append(try Self.integer(field))
      values = .integers(integers)
    case .text(var text):
      values = .text([])
      text.append(field)
      values = .text(text)
    }
  }

  func tensor(_ dimensions: [Int]) throws -> Tensor {
    switch values {
    case .reals(let reals): try Tensor(.float64, rounding: reals, dimensions)
    case .integers(let integers): try Tensor(int64: integers, dimensions)
    case .text(let text): try Tensor(strings: text, dimensions)
    }
  }

  /// Of fields whose type nobody knows: whole numbers where all are, else numbers, else text.
  func labels() throws -> Tensor {
    guard case .text(let fields) = values else { return try tensor([]) }
    let integers = fields.compactMap { Int(Self.trimmed($0)) }
    if integers.count == fields.count { return try Tensor(int64: integers) }
    let reals = fields.compactMap { try? Self.real($0) }
    guard reals.count == fields.count else { return try Tensor(strings: fields) }
    return try Tensor(.float64, rounding: reals, [reals.count])
  }

  // MARK: Numbers

  /// Decimal, or `nan`, which stands for a missing value in tables.
  private static func real(_ field: ByteString) throws -> Double {
    let text = trimmed(field)
    if text.lowercased() == "nan" { return .nan }
    guard text.utf8.allSatisfy(isDecimal), let number = Double(text) else {
      throw DatasetError("\(shown(field)) is no number")
    }
    guard number.isFinite else { throw DatasetError("\(shown(field)) is too large") }
    return number
  }

  private static func integer(_ field: ByteString) throws -> Int {
    let text = trimmed(field)
    if let number = Int(text) { return number }
    guard let number = try? real(field), abs(number) < 0x1p53, let whole = Int(exactly: number) else {
      throw DatasetError("\(shown(field)) is no whole number")
    }
    return whole
  }

  private static func isDecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private static func trimmed(_ field: ByteString) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let start = field.bytes.drop(while: isSpace)
    let end = start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex
    return String(decoding: start[..<end], as: UTF8.self)
  }

  private static func shown(_ field: ByteString) -> String {
    let text = field.description
    return text.isEmpty ? "nothing" : text.count > 40 ? "'\(text.prefix(40))…'" : "'\(text)'"
  }
}
