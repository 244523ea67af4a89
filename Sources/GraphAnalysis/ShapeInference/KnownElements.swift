import TensorCore

/// Tensors whose elements inference follows one by one: those of rank 0 or 1 with few elements, since shapes
/// are computed with them.
enum KnownElements {
  static let maximumCount = 1024

  /// The elements of a constant: integers and booleans as they are, real numbers where they are whole.
  static func of(_ tensor: Tensor) -> [Dimension]? {
    guard tensor.rank <= 1, tensor.elementCount <= maximumCount else { return nil }
    if let integers = try? tensor.integers() { return integers.map(Dimension.fixed) }
    guard tensor.elementType.isFloatingPoint, let reals = try? tensor.doubles() else { return nil }
    return reals.map { real in Int(exactly: real).map(Dimension.fixed) ?? .unknown }
  }

  /// Whether elements of a value of this type are worth following.
  static func arePossible(_ type: ValueType) -> Bool {
    guard let shape = type.shape, shape.rank <= 1, let element = type.elementType else { return false }
    let count = shape.elementCount.fixedSize ?? .max
    switch element {
    case .int64, .int32, .bool: return count <= maximumCount
    // Scales of a few axes, computed from shapes.
    case .float32, .float64: return count <= 16
    default: return false
    }
  }
}
