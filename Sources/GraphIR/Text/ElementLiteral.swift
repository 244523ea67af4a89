import TensorCore

/// One number of a tensor as the text gives it.
enum ElementLiteral {
  /// The bits, of the element's width. Integers are in two's complement.
  case bits(UInt64)
  /// To be rounded to the element type.
  case value(Double)

  /// Nil where `text` is no element of `type`.
  ///
  /// The standard has bits for types that C++ lacks: `float16 {15360}` is 1. With a point, an exponent, or as
  /// `inf` and `nan`, the number is meant.
  init?(_ text: String, isInteger: Bool, type: ElementType) {
    if text.hasPrefix("0x") {
      guard let bits = UInt64(text.dropFirst(2), radix: 16),
        type.partWidth == 64 || bits >> type.partWidth == 0
      else { return nil }
      self = .bits(bits)
      return
    }
    switch type {
    case .float32, .complex64:
      guard let value = Float(finite: text) else { return nil }
      self = .bits(UInt64(value.bitPattern))
    case .float64, .complex128:
      guard let value = Double(finite: text) else { return nil }
      self = .bits(value.bitPattern)
    case .bool where text == "true" || text == "false":
      self = .bits(text == "true" ? 1 : 0)
    case _ where type.isFloatingPoint && !isInteger:
      guard let value = Double(finite: text) else { return nil }
      self = .value(value)
    default:
      guard let bits = Self.integerBits(text, type: type) else { return nil }
      self = .bits(bits)
    }
  }

  private static func integerBits(_ text: String, type: ElementType) -> UInt64? {
    let width = type.bitWidth
    guard type.isSignedInteger else {
      // Packed bytes of narrower types are checked once the number of elements is known.
      let limit = max(width, 8)
      guard let value = UInt64(text), limit == 64 || value >> limit == 0 else { return nil }
      return value
    }
    guard let value = Int64(text) else { return nil }
    if width < 8, value > 0 { return value < 256 ? UInt64(value) : nil }
    guard value >= -1 << (width - 1), value <= Int64.max >> (64 - width) else { return nil }
    return UInt64(bitPattern: value) & (UInt64.max >> (64 - width))
  }
}

extension ElementType {
  /// Whether the standard's text gives packed bytes rather than elements.
  var isPackedInText: Bool { bitWidth == 2 || bitWidth == 4 }

  /// Bits of one number: complex elements have two.
  var partWidth: Int { isComplex ? bitWidth / 2 : bitWidth }
}

/// The numbers of a tensor, to be packed.
struct ElementList {
  private let elements: [ElementLiteral]

  init(_ elements: [ElementLiteral]) {
    self.elements = elements
  }

  /// - Throws: `TensorError` where there are too many or too few for `dimensions`.
  func tensor(_ type: ElementType, _ dimensions: [Int]) throws -> Tensor {
    let count = try Tensor.elementCount(of: dimensions)
    let patterns = try patterns(of: type)
    let isPacked =
      type.isPackedInText && type.byteCount(ofElements: count) == patterns.count
      && (patterns.count != count || patterns.contains { $0 >> type.bitWidth != 0 })
    let (numbers, overflow) = count.multipliedReportingOverflow(by: type.isComplex ? 2 : 1)
    guard !overflow, isPacked || patterns.count == numbers else {
      throw TensorError("\(type)\(dimensions) has \(count) elements, \(patterns.count) numbers are given")
    }
    let width = isPacked ? 8 : type.partWidth
    guard isPacked || width == 64 || patterns.allSatisfy({ $0 >> width == 0 }) else {
      throw TensorError("a number is no \(type)")
    }
    return try Tensor(type, dimensions) { Self.pack(patterns, width: width, into: $0) }
  }

  private func patterns(of type: ElementType) throws -> [UInt64] {
    let values = elements.compactMap { element in
      if case .value(let value) = element { value } else { nil }
    }
    guard !values.isEmpty else {
      return elements.map { element in
        if case .bits(let bits) = element { bits } else { 0 }
      }
    }
    var rounded = try Tensor(type, rounding: values, [values.count]).patterns()[...]
    return elements.map { element in
      if case .bits(let bits) = element { bits } else { rounded.popFirst() ?? 0 }
    }
  }

  /// Little-endian, the first of several elements in a byte in its low bits.
  private static func pack(_ patterns: [UInt64], width: Int, into target: UnsafeMutableRawBufferPointer) {
    func store<Part: FixedWidthInteger & BitwiseCopyable>(_ type: Part.Type) {
      for (index, pattern) in patterns.enumerated() {
        let part = Part(truncatingIfNeeded: pattern).littleEndian
        target.storeBytes(of: part, toByteOffset: index * MemoryLayout<Part>.size, as: type)
      }
    }
    switch width {
    case 64: store(UInt64.self)
    case 32: store(UInt32.self)
    case 16: store(UInt16.self)
    case 8: store(UInt8.self)
    default:
      for (index, pattern) in patterns.enumerated() {
        let (byte, shift) = (index * width).quotientAndRemainder(dividingBy: 8)
        let bits = pattern << shift
        if byte < target.count { target[byte] |= UInt8(truncatingIfNeeded: bits) }
        if shift + width > 8, byte + 1 < target.count {
          target[byte + 1] |= UInt8(truncatingIfNeeded: bits >> 8)
        }
      }
    }
  }
}

extension Tensor {
  /// The bits of every number (two for complex elements), of any type but strings.
  func patterns() -> [UInt64] {
    let width = elementType.partWidth
    let count = elementType.isComplex ? elementCount * 2 : elementCount
    return withUnsafeBytes { bytes in
      func load<Part: FixedWidthInteger & UnsignedInteger>(_ type: Part.Type) -> [UInt64] {
        (0..<count).map { index in
          let offset = index * MemoryLayout<Part>.size
          return UInt64(Part(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Part.self)))
        }
      }
      switch width {
      case 64: return load(UInt64.self)
      case 32: return load(UInt32.self)
      case 16: return load(UInt16.self)
      case 8: return load(UInt8.self)
      case 1...7:
        return (0..<count).map { index in
          let (byte, shift) = (index * width).quotientAndRemainder(dividingBy: 8)
          let next = shift + width > 8 ? UInt64(bytes[byte + 1]) << 8 : 0
          return (UInt64(bytes[byte]) | next) >> shift & (1 << width - 1)
        }
      default: return []
      }
    }
  }
}

extension LosslessStringConvertible where Self: BinaryFloatingPoint {
  /// A decimal number, or infinity and NaN by name; nil where the number is beyond the type's range.
  init?(finite text: String) {
    guard let value = Self(text) else { return nil }
    guard value.isFinite || text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "n") }) else { return nil }
    self = value
  }
}
