import TensorCore

/// An order of axes, as `perm` of `Transpose` has it: `axes[i]` is the axis that comes to stand at position i.
struct AxisOrder: Hashable {
  let axes: [Int]

  /// Nil for what is no permutation.
  init?(_ axes: [Int]) {
    guard axes.sorted() == Array(axes.indices) else { return nil }
    self.axes = axes
  }

  private init(checked axes: [Int]) {
    self.axes = axes
  }

  var rank: Int { axes.count }

  var isIdentity: Bool { axes == Array(axes.indices) }

  /// Entry i is where axis i comes to stand.
  var positions: [Int] {
    var positions = axes
    for (position, axis) in axes.enumerated() { positions[axis] = position }
    return positions
  }

  var inverse: AxisOrder { AxisOrder(checked: positions) }

  /// One element for each axis, in the new order; nil where there are not so many.
  func permuted<Element>(_ elements: [Element]) -> [Element]? {
    elements.count == rank ? axes.map { elements[$0] } : nil
  }

  /// The order of what remains without the axes `removed`.
  func dropping(_ removed: [Int]) -> AxisOrder {
    let kept = axes.filter { !removed.contains($0) }
    return AxisOrder(checked: kept.map { axis in kept.count { $0 < axis } })
  }

  /// The order of a value with further axes, which stand at `inserted` before and after.
  func inserting(_ inserted: [Int]) -> AxisOrder? {
    let total = rank + inserted.count
    guard inserted.allSatisfy({ $0 >= 0 && $0 < total }) else { return nil }
    let old = (0..<total).filter { !inserted.contains($0) }
    guard old.count == rank else { return nil }
    var result = Array(0..<total)
    for (position, axis) in zip(old, axes) { result[position] = old[axis] }
    return AxisOrder(checked: result)
  }

  /// Whether the last `count` axes stay where they are.
  func keepsLast(_ count: Int) -> Bool {
    count <= rank && axes.suffix(count).elementsEqual((rank - count)..<rank)
  }
}
