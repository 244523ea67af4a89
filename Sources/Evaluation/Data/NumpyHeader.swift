import TensorCore

/// What the header of a `.npy` array says. Source: NumPy's "NEP 1, a simple file format for NumPy arrays".
struct NumpyHeader: Equatable {
  enum Contents: Equatable {
    case numbers(ElementType)
    /// Text of this many UTF-32 units, padded with zeros.
    case unicode(length: Int)
    /// Text of this many bytes, padded with zeros.
    case bytes(length: Int)
  }

  var contents: Contents
  var isBigEndian: Bool
  var isColumnMajor: Bool
  var dimensions: [Int]

  /// Bytes of one element, and of all; the product is known not to overflow.
  var elementByteCount: Int
  var byteCount: Int

  /// Bytes before the header's text, once the version is known; the first eight tell it.
  static let prefixByteCount = 8

  /// Where the length of the text stands, and in how many bytes.
  static func lengthField(prefix: [UInt8]) throws -> Int {
    guard prefix.count == prefixByteCount, prefix.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw DatasetError("is no .npy array")
    }
    switch prefix[6] {
    case 1: return 2
    case 2, 3: return 4
    default: throw DatasetError("has .npy version \(prefix[6]).\(prefix[7]), only 1.0 to 3.0 are read")
    }
  }

  init(text: String) throws {
    var parser = PythonLiteralParser(text)
    let fields = try parser.dictionary()
    guard case .text(let description)? = fields["descr"] else {
      throw DatasetError("holds records or has no 'descr': only arrays of numbers and text are read")
    }
    guard case .boolean(let isColumnMajor)? = fields["fortran_order"],
      case .tuple(let sizes)? = fields["shape"]
    else { throw DatasetError("its .npy header lacks 'fortran_order' or 'shape'") }
    (contents, elementByteCount) = try Self.contents(description)
    isBigEndian = description.hasPrefix(">") && elementByteCount > 1
    self.isColumnMajor = isColumnMajor && sizes.count > 1
    dimensions = sizes
    let count = try Tensor.elementCount(of: sizes)
    let (total, overflow) = count.multipliedReportingOverflow(by: elementByteCount)
    // Text of no length takes no bytes, however much of it is declared.
    guard !overflow, elementByteCount > 0 || count <= 1 << 20 else {
      throw DatasetError("its shape \(sizes) is too large")
    }
    byteCount = total
  }

  private static func contents(_ description: String) throws -> (contents: Contents, elementByteCount: Int) {
    let code = description.drop { "<>|=".contains($0) }
    if let type = numbers[String(code)] { return (.numbers(type), type.bitWidth / 8) }
    let length = Int(code.dropFirst()) ?? -1
    switch code.first {
    case "U" where (0...(1 << 24)).contains(length): return (.unicode(length: length), length * 4)
    case "S" where (0...(1 << 24)).contains(length): return (.bytes(length: length), length)
    case "O":
      throw DatasetError(
        "holds Python objects, which are never loaded: save numbers or text, and pad sequences to one length")
    default: throw DatasetError("has the type '\(description)', which is not supported")
    }
  }

  /// Nil for types that NumPy has not.
  static func code(of type: ElementType) -> String? { numbers.first { $0.value == type }?.key }

  private static let numbers: [String: ElementType] = [
    "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8, "u2": .uint16,
    "u4": .uint32, "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64, "c8": .complex64,
    "c16": .complex128,
  ]
}
