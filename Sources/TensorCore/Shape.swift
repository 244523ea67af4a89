/// The sizes of all axes of a tensor; its rank is known. (A type of unknown rank has no `Shape`.)
public struct Shape: Hashable, Sendable {
  public var dimensions: [Dimension]

  public init(_ dimensions: [Dimension]) {
    self.dimensions = dimensions
  }

  public init(fixed sizes: [Int]) {
    dimensions = sizes.map(Dimension.fixed)
  }

  public static let scalar = Shape([])

  public var rank: Int { dimensions.count }

  public subscript(axis: Int) -> Dimension {
    get { dimensions[axis] }
    set { dimensions[axis] = newValue }
  }

  /// All sizes, where every one is fixed.
  public var fixedSizes: [Int]? {
    let sizes = dimensions.compactMap(\.fixedSize)
    return sizes.count == rank ? sizes : nil
  }

  public var elementCount: Dimension {
    dimensions.reduce(.fixed(1), *)
  }

  /// `axis` counted from the front, where it lies within −rank..<rank.
  public func normalizedAxis(_ axis: Int) -> Int? {
    guard axis >= -rank, axis < rank else { return nil }
    return axis < 0 ? axis + rank : axis
  }

  /// Whether both have the same sizes for every value of the symbols.
  public func isKnownEqual(to other: Shape) -> Bool {
    rank == other.rank && zip(dimensions, other.dimensions).allSatisfy { $0.isKnownEqual(to: $1) }
  }

  /// Whether ranks or fixed sizes differ.
  public func contradicts(_ other: Shape) -> Bool {
    rank != other.rank || zip(dimensions, other.dimensions).contains { $0.contradicts($1) }
  }

  /// Of two descriptions of the same shape, the more precise size on each axis.
  public func refined(by other: Shape) -> Shape {
    guard rank == other.rank else { return self }
    return Shape(zip(dimensions, other.dimensions).map { $0.refined(by: $1) })
  }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Dimension...) {
    dimensions = elements
  }
}

extension Shape: CustomStringConvertible {
  public var description: String {
    "[" + dimensions.map(\.description).joined(separator: ",") + "]"
  }
}

// MARK: Broadcasting

extension Shape {
  /// The shape of an element-wise operation's result (ONNX "Broadcasting", multidirectional), or nil where
  /// fixed sizes do not fit.
  public func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(rank, other.rank)
    var result: [Dimension] = []
    result.reserveCapacity(rank)
    for axis in 0..<rank {
      let a = axis < rank - self.rank ? 1 : dimensions[axis - (rank - self.rank)]
      let b = axis < rank - other.rank ? 1 : other.dimensions[axis - (rank - other.rank)]
      guard let size = a.broadcast(with: b) else { return nil }
      result.append(size)
    }
    return Shape(result)
  }
}

extension Dimension {
  /// The broadcast size, `unknown` where symbols leave it open, nil where fixed sizes do not fit.
  ///
  /// Two different symbols do not give their maximum: either may be 1.
  public func broadcast(with other: Dimension) -> Dimension? {
    if isKnownEqual(to: other) { return self }
    switch (self, other) {
    case (.fixed(1), _): return other
    case (_, .fixed(1)): return self
    case (.fixed, .fixed): return nil
    case (.fixed, _): return self
    case (_, .fixed): return other
    default:
      // min(512, S) and S fit only where they are the same size: one that is less is more than 1.
      return isMinimum(of: other) ? other : other.isMinimum(of: self) ? self : .unknown
    }
  }

  /// Whether this is the lesser of `size` and some number above 1.
  private func isMinimum(of size: Dimension) -> Bool {
    guard case .symbolic(let lesser) = self, case .symbolic(let size) = size,
      case .minimum(let a, let b)? = lesser.factor
    else { return false }
    return a == size && b.constant ?? 0 > 1 || b == size && a.constant ?? 0 > 1
  }
}
