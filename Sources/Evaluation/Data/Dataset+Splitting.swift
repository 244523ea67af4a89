import TensorCore

extension Dataset {
  /// Samples divided into two parts that share none.
  public struct Split: Hashable, Sendable {
    /// What a search may look at, in ascending order.
    public var search: [Int]
    /// What confirms its result, in ascending order.
    public var holdout: [Int]
  }

  /// Divides the samples at random, but by `seed` alone. Where labels are integers, booleans or text with
  /// one for each sample, every class is divided in the same proportion.
  /// - Parameter fraction: of the samples that are held back, 0…1. Both parts get a sample if there are two.
  public func split(holdingBack fraction: Double, seed: UInt64) -> Split {
    var random = RandomSource.derived(from: seed, for: "split")
    // Classes one after the other, each in random order; every share of this list has them in proportion.
    let order = strata.flatMap { $0.shuffled(using: &random) }
    var holdout: [Int] = []
    var due = 0.5
    for sample in order {
      due += min(max(fraction, 0), 1)
      if due >= 1 {
        holdout.append(sample)
        due -= 1
      }
    }
    if holdout.isEmpty, count > 1 { holdout = [order[0]] }
    if holdout.count == count, count > 1 { holdout.removeLast() }
    let isHeldBack = holdout.reduce(into: [Bool](repeating: false, count: count)) { $0[$1] = true }
    return Split(search: (0..<count).filter { !isHeldBack[$0] }, holdout: holdout.sorted())
  }

  /// The samples of each class, classes in ascending order; all together where there are no classes.
  private var strata: [[Int]] {
    let everything = [Array(0..<count)]
    guard let labels, labels.elementCount == count, !labels.elementType.isFloatingPoint else {
      return everything
    }
    if let strings = labels.storage.strings {
      let classes = Dictionary(grouping: 0..<count) { strings[$0].description }
      return classes.sorted { $0.key < $1.key }.map(\.value)
    }
    guard let numbers = try? labels.integers() else { return everything }
    return Dictionary(grouping: 0..<count) { numbers[$0] }.sorted { $0.key < $1.key }.map(\.value)
  }
}
