import TensorCore

/// Tensors whose elements inference follows one by one: those with few, since shapes are computed with them.
enum KnownElements {
  static let maximumCount = 1024
  /// Pads are turned around as tables, and masks are cut out of tables of regions.
  static let maximumRank = 4

  /// The elements of a constant: integers and booleans as they are, real numbers where they are whole.
  static func of(_ tensor: Tensor) -> [Dimension]? {
    guard tensor.rank <= maximumRank, tensor.elementCount <= maximumCount else { return nil }
    if let integers = try? tensor.integers() { return integers.map(Dimension.fixed) }
    guard tensor.elementType.isFloatingPoint, let reals = try? tensor.doubles() else { return nil }
    return reals.map { real in Int(exactly: real).map(Dimension.fixed) ?? .unknown }
  }

  /// Whether elements of a value of this type are worth following.
  static func arePossible(_ type: ValueType) -> Bool {
    guard let shape = type.shape, shape.rank <= maximumRank, let element = type.elementType else {
      return false
    }
    // The elements themselves may tell how many there are of a vector.
    let count = shape.elementCount.fixedSize ?? (shape.rank == 1 ? 0 : .max)
    switch element {
    case .int64, .int32, .bool: return count <= maximumCount
    // Scales of a few axes, computed from shapes.
    case .float32, .float64: return count <= 16
    default: return false
    }
  }
}
