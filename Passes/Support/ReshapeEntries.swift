import Rewriting
import TensorCore

extension Match {
  /// The constant target of a `Reshape` of something of shape `input` that gives `shape`.
  /// - Throws: `MatchFailure` where sizes are unknown, or may be 0 beside −1.
  func reshapeEntries(for shape: Shape, from input: Shape?) throws -> [Int] {
    var entries: [Int] = []
    for (axis, size) in shape.dimensions.enumerated() {
      if let fixed = size.fixedSize {
        try require(fixed > 0, "a size is 0")
        entries.append(fixed)
      } else if let input, axis < input.rank, input[axis].isKnownEqual(to: size) {
        entries.append(0)
      } else {
        try require(!size.isUnknown && !entries.contains(-1), "two sizes are unknown")
        entries.append(-1)
      }
    }
    try require(!(entries.contains(0) && entries.contains(-1)), "a copied size may be 0")
    return entries
  }
}

extension Shape {
  /// The axes of `finer` for each axis of this shape, where `finer` only parts axes: [6, N] and [2, 3, N] give
  /// [2, 3] and [N]. Nil where it is not known to do so.
  func parting(into finer: Shape) -> [[Dimension]]? {
    var rest = finer.dimensions[...]
    var groups: [[Dimension]] = []
    for size in dimensions {
      guard !size.isUnknown else { return nil }
      var group: [Dimension] = []
      repeat {
        guard let next = rest.popFirst() else { return nil }
        group.append(next)
      } while !group.reduce(.fixed(1), *).isKnownEqual(to: size)
      groups.append(group)
    }
    guard rest.allSatisfy({ $0 == .fixed(1) }), !groups.isEmpty else { return nil }
    groups[groups.count - 1] += rest
    return groups
  }
}
