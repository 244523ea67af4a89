import GraphIR
import Rewriting
import TensorCore

extension Match {
  /// Bounds of a value of integers, by what computes it; nil where nothing is known but its type.
  ///
  /// Sizes of axes count as below 2³¹: no runtime has longer ones.
  func integerRange(of value: ValueID) -> ClosedRange<Int>? { integerRange(of: value, depth: 0) }

  private func integerRange(of value: ValueID, depth: Int) -> ClosedRange<Int>? {
    if let tensor = model.constant(value) { return range(of: tensor) }
    guard depth < 12, let node = producer(of: value), node.op.isStandard else { return typeRange(value) }
    return computedRange(node, depth: depth) ?? typeRange(value)
  }

  private func range(of tensor: Tensor) -> ClosedRange<Int>? {
    guard tensor.elementCount <= 4096, let numbers = try? tensor.integers(), let least = numbers.min(),
      let greatest = numbers.max()
    else { return nil }
    return least...greatest
  }

  private func typeRange(_ value: ValueID) -> ClosedRange<Int>? {
    guard let type = model.elementType(of: value) else { return nil }
    if type == .bool { return 0...1 }
    guard type.isInteger, type.bitWidth <= 32, let range = type.finiteRange else { return nil }
    return Int(range.lowerBound)...Int(range.upperBound)
  }

  private func computedRange(_ node: NodeView, depth: Int) -> ClosedRange<Int>? {
    switch node.op.name {
    case "Shape", "ArgMax", "ArgMin", "NonZero": return 0...Int(Int32.max)
    case "Cast":
      guard let input = node.inputs.first.flatMap({ $0 }),
        let range = integerRange(of: input, depth: depth + 1),
        let type = try? node.elementType("to"), type.holds(range)
      else { return nil }
      return range
    case "Gather", "Slice", "Squeeze", "Unsqueeze", "Reshape", "Transpose", "Flatten", "Identity", "Expand",
      "Tile",
      "Split", "ReduceMax", "ReduceMin":
      return node.inputs.first.flatMap { $0 }.flatMap { integerRange(of: $0, depth: depth + 1) }
    case "Concat", "Min", "Max":
      return union(node.inputs, depth: depth)
    case "Where":
      return union(Array(node.inputs.dropFirst()), depth: depth)
    default: return nil
    }
  }

  private func union(_ values: [ValueID?], depth: Int) -> ClosedRange<Int>? {
    var result: ClosedRange<Int>?
    for value in values {
      guard let value, let range = integerRange(of: value, depth: depth + 1) else { return nil }
      result =
        result.map {
          min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound)
        } ?? range
    }
    return result
  }
}

extension ElementType {
  /// Whether each number of the range is one of this type's.
  func holds(_ range: ClosedRange<Int>) -> Bool {
    if self == .bool { return range.lowerBound >= 0 && range.upperBound <= 1 }
    if isInteger {
      if bitWidth == 64 { return isSignedInteger || range.lowerBound >= 0 }
      guard let own = finiteRange else { return false }
      return Double(range.lowerBound) >= own.lowerBound && Double(range.upperBound) <= own.upperBound
    }
    guard let unit = unitInLastPlace else { return false }
    let whole = Int(2 / unit)
    return range.lowerBound >= -whole && range.upperBound <= whole
  }
}
