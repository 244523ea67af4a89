/// A constant: element type, fixed sizes, and immutable storage in the format's packed little-endian layout,
/// row-major. Copies share the storage.
public struct Tensor: Sendable {
  public let elementType: ElementType
  public let dimensions: [Int]
  public let elementCount: Int
  public let storage: TensorStorage

  /// - Throws: `TensorError` where a size is negative, the product overflows, or the storage has another
  ///   number of bytes (or strings) than the shape needs.
  public init(_ elementType: ElementType, _ dimensions: [Int], storage: TensorStorage) throws {
    elementCount = try Self.elementCount(of: dimensions)
    if elementType == .string {
      guard storage.strings?.count == elementCount else {
        throw TensorError(
          "\(elementCount) strings expected, \(storage.strings?.count ?? 0) found")
      }
    } else {
      let needed = elementType.byteCount(ofElements: elementCount)
      guard let needed, storage.strings == nil, storage.byteCount == needed else {
        throw TensorError(
          "\(elementType)\(dimensions) needs \(needed.map(String.init) ?? "too many") bytes, "
            + "\(storage.byteCount) found")
      }
    }
    self.elementType = elementType
    self.dimensions = dimensions
    self.storage = storage
  }

  /// New memory of the right size that `initialize` fills.
  public init(
    _ elementType: ElementType, _ dimensions: [Int],
    initializingWith initialize: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    let count = try Self.elementCount(of: dimensions)
    guard let bytes = elementType.byteCount(ofElements: count) else {
      throw TensorError("\(elementType)\(dimensions) has no size in bytes")
    }
    let storage = try TensorStorage(byteCount: bytes, initializingWith: initialize)
    try self.init(elementType, dimensions, storage: storage)
  }

  /// The number of elements of a tensor with these sizes; an error for negative sizes and overflow.
  public static func elementCount(of dimensions: [Int]) throws -> Int {
    var count = 1
    for size in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { throw TensorError("\(dimensions) is no shape") }
      count = product
    }
    return count
  }

  public var shape: Shape { Shape(fixed: dimensions) }

  public var type: TensorType { TensorType(elementType, shape) }

  public var rank: Int { dimensions.count }

  public var byteCount: Int { storage.byteCount }

  public var isScalar: Bool { dimensions.isEmpty }

  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try storage.withUnsafeBytes(body)
  }

  /// The same elements under other sizes, without copying.
  public func reshaped(to dimensions: [Int]) throws -> Tensor {
    try Tensor(elementType, dimensions, storage: storage)
  }
}

/// What a tensor operation refuses, in words.
public struct TensorError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
