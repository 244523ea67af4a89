/// The element types of the ONNX format; raw values are those of `TensorProto.DataType`.
public enum ElementType: Int32, Hashable, Sendable, CaseIterable {
  case float32 = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case string = 8
  case bool = 9
  case float16 = 10
  case float64 = 11
  case uint32 = 12
  case uint64 = 13
  case complex64 = 14
  case complex128 = 15
  case bfloat16 = 16
  case float8E4M3FN = 17
  case float8E4M3FNUZ = 18
  case float8E5M2 = 19
  case float8E5M2FNUZ = 20
  case uint4 = 21
  case int4 = 22
  case float4E2M1 = 23
  case float8E8M0 = 24
  case uint2 = 25
  case int2 = 26
  case float6E2M3 = 27
  case float6E3M2 = 28
}

extension ElementType {
  /// Bits of one element in packed storage; 0 for strings, whose elements have no fixed size.
  public var bitWidth: Int {
    switch self {
    case .string: 0
    case .uint2, .int2: 2
    case .uint4, .int4, .float4E2M1: 4
    case .float6E2M3, .float6E3M2: 6
    case .uint8, .int8, .bool, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ, .float8E8M0: 8
    case .uint16, .int16, .float16, .bfloat16: 16
    case .float32, .int32, .uint32: 32
    case .float64, .int64, .uint64, .complex64: 64
    case .complex128: 128
    }
  }

  /// Bytes that `count` packed elements take, or nil where that overflows or elements have no fixed size.
  public func byteCount(ofElements count: Int) -> Int? {
    guard self != .string, count >= 0 else { return nil }
    let (bits, overflow) = count.multipliedReportingOverflow(by: bitWidth)
    guard !overflow, bits <= Int.max - 7 else { return nil }
    return (bits + 7) / 8
  }

  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: isFloat8OrSmaller
    }
  }

  public var isFloat8OrSmaller: Bool {
    switch self {
    case .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ, .float8E8M0: true
    case .float6E2M3, .float6E3M2, .float4E2M1: true
    default: false
    }
  }

  public var isComplex: Bool { self == .complex64 || self == .complex128 }

  public var isInteger: Bool { isSignedInteger || isUnsignedInteger }

  public var isSignedInteger: Bool {
    switch self {
    case .int2, .int4, .int8, .int16, .int32, .int64: true
    default: false
    }
  }

  public var isUnsignedInteger: Bool {
    switch self {
    case .uint2, .uint4, .uint8, .uint16, .uint32, .uint64: true
    default: false
    }
  }
}

extension ElementType: CustomStringConvertible {
  /// The name in ONNX's textual syntax, such as `float` or `int64`.
  public var description: String {
    switch self {
    case .float32: "float"
    case .float64: "double"
    case .float8E4M3FN: "float8e4m3fn"
    case .float8E4M3FNUZ: "float8e4m3fnuz"
    case .float8E5M2: "float8e5m2"
    case .float8E5M2FNUZ: "float8e5m2fnuz"
    case .float8E8M0: "float8e8m0"
    case .float4E2M1: "float4e2m1"
    case .float6E2M3: "float6e2m3"
    case .float6E3M2: "float6e3m2"
    case .uint8: "uint8"
    case .int8: "int8"
    case .uint16: "uint16"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .string: "string"
    case .bool: "bool"
    case .float16: "float16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .complex64: "complex64"
    case .complex128: "complex128"
    case .bfloat16: "bfloat16"
    case .uint4: "uint4"
    case .int4: "int4"
    case .uint2: "uint2"
    case .int2: "int2"
    }
  }

  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { (name: $0.description, type: $0) })

  /// The type that ONNX's textual syntax calls `name`.
  public init?(named name: String) {
    guard let type = Self.byName[name] else { return nil }
    self = type
  }
}
