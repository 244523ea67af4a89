import TensorCore

/// A tensor in Double, for the arithmetic of rules: computed exactly as written, rounded once at the end to
/// the element type that it came from.
public struct RealTensor: Sendable {
  public let elementType: ElementType
  public let dimensions: [Int]
  public let values: [Double]

  public init(_ elementType: ElementType, _ dimensions: [Int], _ values: [Double]) throws {
    guard try Tensor.elementCount(of: dimensions) == values.count else {
      throw TensorError("\(values.count) values do not fill \(dimensions)")
    }
    self.elementType = elementType
    self.dimensions = dimensions
    self.values = values
  }

  public init(_ tensor: Tensor) throws {
    try self.init(tensor.elementType, tensor.dimensions, tensor.doubles())
  }

  public func rounded() throws -> Tensor {
    try Tensor(elementType, rounding: values, dimensions)
  }

  public func squareRoot() throws -> RealTensor { try map { $0.squareRoot() } }

  public func map(_ transform: (Double) -> Double) throws -> RealTensor {
    try RealTensor(elementType, dimensions, values.map(transform))
  }

  public func reshaped(to dimensions: [Int]) throws -> RealTensor {
    try RealTensor(elementType, dimensions, values)
  }
}

/// What rules can compute with.
public protocol RealConvertible {
  func real() throws -> RealTensor
}

extension RealTensor: RealConvertible {
  public func real() -> RealTensor { self }
}

extension Tensor: RealConvertible {
  public func real() throws -> RealTensor { try RealTensor(self) }

  public static func zeros(like other: Tensor) throws -> Tensor {
    try Tensor(other.elementType, other.dimensions) { _ in }
  }
}

/// A number takes the element type of what it is combined with.
extension Double: RealConvertible {
  public func real() throws -> RealTensor { try RealTensor(.float64, [], [self]) }
}

public func + (a: some RealConvertible, b: some RealConvertible) throws -> RealTensor {
  try combine(a, b, +)
}

public func - (a: some RealConvertible, b: some RealConvertible) throws -> RealTensor {
  try combine(a, b, -)
}

public func * (a: some RealConvertible, b: some RealConvertible) throws -> RealTensor {
  try combine(a, b, *)
}

public func / (a: some RealConvertible, b: some RealConvertible) throws -> RealTensor {
  try combine(a, b, /)
}

/// Broadcasts as ONNX does.
private func combine(
  _ a: some RealConvertible, _ b: some RealConvertible, _ operation: (Double, Double) -> Double
) throws -> RealTensor {
  let elementType = a is Double ? try b.real().elementType : try a.real().elementType
  let (a, b) = (try a.real(), try b.real())
  if a.dimensions == b.dimensions {
    return try RealTensor(elementType, a.dimensions, zip(a.values, b.values).map(operation))
  }
  guard let sizes = Shape(fixed: a.dimensions).broadcast(with: Shape(fixed: b.dimensions))?.fixedSizes else {
    throw TensorError("\(a.dimensions) and \(b.dimensions) do not broadcast")
  }
  let left = broadcastOffsets(of: a.dimensions, to: sizes)
  let right = broadcastOffsets(of: b.dimensions, to: sizes)
  return try RealTensor(
    elementType, sizes, zip(left, right).map { operation(a.values[$0], b.values[$1]) })
}

/// For each element of the broadcast result, the offset of the element that it comes from.
func broadcastOffsets(of dimensions: [Int], to sizes: [Int]) -> [Int] {
  let padded = [Int](repeating: 1, count: sizes.count - dimensions.count) + dimensions
  var offsets = [0]
  var stride = padded.reduce(1, *)
  for (size, target) in zip(padded, sizes) {
    stride = size == 0 ? 0 : stride / size
    let step = size == 1 ? 0 : stride
    offsets = offsets.flatMap { base in (0..<target).map { base + $0 * step } }
  }
  return offsets
}

extension RealTensor: TermConvertible {
  /// The rounded tensor. What cannot be rounded was no number in the model, and no operator takes it.
  public var term: Term {
    (try? rounded()).map { Term(kind: .tensor($0)) } ?? .absent
  }
}

extension RealConvertible {
  /// Rounded once to `elementType`, where every element stays finite.
  /// - Throws: `TensorError` where one is not a number or beyond the greatest of the type.
  public func finite(as elementType: ElementType) throws -> Tensor {
    let real = try real()
    let tensor = try Tensor(elementType, rounding: real.values, real.dimensions)
    guard try tensor.doubles().allSatisfy(\.isFinite) else {
      throw TensorError("a folded constant is not finite")
    }
    return tensor
  }
}
