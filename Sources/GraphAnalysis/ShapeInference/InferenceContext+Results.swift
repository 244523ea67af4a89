import TensorCore

extension InferenceContext {
  /// An output of `elementType`; nil where that is not known.
  func tensor(_ elementType: ElementType?, _ shape: Shape?) -> ValueType? {
    elementType.map { .tensor($0, shape) }
  }

  /// A single output.
  func result(_ elementType: ElementType?, _ shape: Shape?) -> [ValueType?] {
    [tensor(elementType, shape)]
  }

  /// The type of input `index`, without a quantization, as the only output.
  func same(as index: Int) -> [ValueType?] {
    guard case .tensor(let type)? = type(index) else { return [type(index)] }
    return [.tensor(type.elementType, type.shape)]
  }
}

extension Shape {
  static func unknown(rank: Int) -> Shape? {
    guard rank >= 0, rank <= InferenceLimits.maximumRank else { return nil }
    return Shape([Dimension](repeating: .unknown, count: rank))
  }

  /// Every axis in `axes` counted from the front; nil where one lies outside the rank or stands twice.
  func normalizedAxes(_ axes: [Int]) -> [Int]? {
    let normalized = axes.compactMap(normalizedAxis)
    guard normalized.count == axes.count, Set(normalized).count == axes.count else { return nil }
    return normalized
  }

  func replacing(_ axis: Int, by size: Dimension) -> Shape {
    var copy = self
    copy[axis] = size
    return copy
  }

  func removing(_ axis: Int) -> Shape {
    var copy = self
    copy.dimensions.remove(at: axis)
    return copy
  }
}

extension Dimension {
  /// The product of sizes; 1 for none.
  static func product(_ sizes: some Sequence<Dimension>) -> Dimension {
    sizes.reduce(.fixed(1), *)
  }

  /// This size, or unknown where it is a negative number: no tensor has it.
  var validated: Dimension {
    if let size = fixedSize, size < 0 { .unknown } else { self }
  }

  /// What is known of a size that is this in some runs and `other` in the rest.
  func joined(with other: Dimension) -> Dimension {
    self == other ? self : .unknown
  }
}

extension Shape {
  func joined(with other: Shape) -> Shape? {
    guard rank == other.rank else { return nil }
    return Shape(zip(dimensions, other.dimensions).map { $0.joined(with: $1) })
  }
}

extension ValueType {
  /// What is known of a value that has this type in some runs and `other` in the rest; nil where nothing is.
  func joined(with other: ValueType) -> ValueType? {
    switch (self, other) {
    case (.tensor(let a), .tensor(let b)):
      guard a.elementType == b.elementType else { return nil }
      return .tensor(a.elementType, a.shape.flatMap { mine in b.shape.flatMap(mine.joined) })
    case (.sequence(let a), .sequence(let b)): return a.joined(with: b).map { .sequence($0) }
    case (.optional(let a), .optional(let b)): return a.joined(with: b).map { .optional($0) }
    default: return self == other ? self : nil
    }
  }

  /// This type with sizes that it does not know taken from `declared`. A size that is known as an expression
  /// is kept also where `declared` gives a number: such numbers are often left over from another batch size.
  func completed(by declared: ValueType?) -> ValueType {
    guard let declared else { return self }
    switch (self, declared) {
    case (.tensor(var a), .tensor(let b)) where a.elementType == b.elementType:
      a.shape = a.shape.map { $0.completed(by: b.shape) } ?? b.shape
      a.quantization = a.quantization ?? b.quantization
      return .tensor(a)
    case (.sequence(let a), .sequence(let b)): return .sequence(a.completed(by: b))
    case (.optional(let a), .optional(let b)): return .optional(a.completed(by: b))
    default: return self
    }
  }
}

extension Shape {
  fileprivate func completed(by declared: Shape?) -> Shape {
    guard let declared, declared.rank == rank else { return self }
    return Shape(zip(dimensions, declared.dimensions).map { $0.isUnknown ? $1 : $0 })
  }
}
