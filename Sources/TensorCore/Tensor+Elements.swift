import Kernels

extension Tensor {
  // MARK: Making

  public init(float32 values: [Float], _ dimensions: [Int]? = nil) throws {
    try self.init(.float32, elements: values, dimensions)
  }

  public init(int64 values: [Int], _ dimensions: [Int]? = nil) throws {
    try self.init(.int64, elements: values.map(Int64.init), dimensions)
  }

  public init(bool values: [Bool], _ dimensions: [Int]? = nil) throws {
    try self.init(.bool, elements: values.map { UInt8($0 ? 1 : 0) }, dimensions)
  }

  public init(strings: [ByteString], _ dimensions: [Int]? = nil) throws {
    try self.init(.string, dimensions ?? [strings.count], storage: TensorStorage(strings: strings))
  }

  /// `elements` laid down as they are; `Element` must be the type whose bits `elementType` stores.
  public init<Element: BitwiseCopyable>(
    _ elementType: ElementType, elements: [Element], _ dimensions: [Int]? = nil
  ) throws {
    let storage = elements.withUnsafeBytes { source in
      TensorStorage(byteCount: source.count) { $0.copyMemory(from: source) }
    }
    try self.init(elementType, dimensions ?? [elements.count], storage: storage)
  }

  /// Each value rounded once to `elementType` (to nearest, ties to even; integers saturate, and a NaN
  /// becomes 0 there).
  /// - Throws: `TensorError` for strings and complex numbers.
  public init(_ elementType: ElementType, rounding values: [Double], _ dimensions: [Int]) throws {
    guard let format = elementType.numericFormat else {
      throw TensorError("\(elementType) holds no real numbers")
    }
    try self.init(elementType, dimensions) { target in
      guard try Self.elementCount(of: dimensions) == values.count else {
        throw TensorError("\(values.count) values do not fill \(dimensions)")
      }
      encodeNumbers(values, as: format, into: target)
    }
  }

  // MARK: Reading

  /// Every element as a real number, exactly where Double can hold it.
  /// - Throws: `TensorError` for strings and complex numbers.
  public func doubles() throws -> [Double] {
    guard let format = elementType.numericFormat else {
      throw TensorError("\(elementType) holds no real numbers")
    }
    defer { storage.releasePages() }
    return withUnsafeBytes { decodeNumbers($0, count: elementCount, as: format) }
  }

  /// Every element of an integer or boolean tensor.
  /// - Throws: `TensorError` for other types and for numbers beyond `Int`.
  public func integers() throws -> [Int] {
    switch elementType {
    case .int64:
      return try elements(as: Int64.self).map(Int.init)
    case .uint64:
      return try elements(as: UInt64.self).map { value in
        guard let value = Int(exactly: value) else { throw TensorError("\(value) is too large") }
        return value
      }
    case _ where elementType.isInteger || elementType == .bool:
      return try doubles().map { Int($0) }
    default:
      throw TensorError("\(elementType) where integers are needed")
    }
  }

  /// The elements as they are stored.
  /// - Throws: `TensorError` where `Element` has another size than the stored elements.
  public func elements<Element: BitwiseCopyable>(as type: Element.Type) throws -> [Element] {
    guard MemoryLayout<Element>.stride * 8 == elementType.bitWidth else {
      throw TensorError("\(elementType) cannot be read as \(Element.self)")
    }
    defer { storage.releasePages() }
    return withUnsafeBytes { source in
      [Element](unsafeUninitializedCapacity: elementCount) { target, count in
        UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
        count = elementCount
      }
    }
  }

  /// The only element, as a real number; nil for anything but one real number.
  public var scalarValue: Double? {
    guard elementCount == 1, elementType.numericFormat != nil else { return nil }
    return (try? doubles())?.first
  }
}

extension ElementType {
  /// How the kernels read and write this type; nil for strings and complex numbers.
  public var numericFormat: NumericFormat? {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float8E4M3FN: .smallFloat(.e4m3fn)
    case .float8E4M3FNUZ: .smallFloat(.e4m3fnuz)
    case .float8E5M2: .smallFloat(.e5m2)
    case .float8E5M2FNUZ: .smallFloat(.e5m2fnuz)
    case .float8E8M0: .smallFloat(.e8m0)
    case .float4E2M1: .smallFloat(.e2m1)
    case .float6E2M3: .smallFloat(.e2m3)
    case .float6E3M2: .smallFloat(.e3m2)
    case .bool, .uint8: .integer(bits: 8, isSigned: false)
    case .int8: .integer(bits: 8, isSigned: true)
    case .uint16: .integer(bits: 16, isSigned: false)
    case .int16: .integer(bits: 16, isSigned: true)
    case .uint32: .integer(bits: 32, isSigned: false)
    case .int32: .integer(bits: 32, isSigned: true)
    case .uint64: .integer(bits: 64, isSigned: false)
    case .int64: .integer(bits: 64, isSigned: true)
    case .uint4: .integer(bits: 4, isSigned: false)
    case .int4: .integer(bits: 4, isSigned: true)
    case .uint2: .integer(bits: 2, isSigned: false)
    case .int2: .integer(bits: 2, isSigned: true)
    case .string, .complex64, .complex128: nil
    }
  }
}
