import TensorCore

/// Which samples of the evaluation data choose, and which only confirm.
///
/// A seeded shuffle, so that order in the file (by class, by time) favours neither part.
public struct DataSplit: Sendable {
  /// Candidates are chosen on these.
  public let search: [Int]
  /// No choice sees these; they are looked at once for the plan that was chosen.
  public let holdout: [Int]

  public init(count: Int, seed: UInt64, searchShare: Double = 0.5) {
    var random = RandomSource(seed: seed)
    var order = Array(0..<count)
    order.shuffle(using: &random)
    let cut = min(max(Int((Double(count) * searchShare).rounded()), min(1, count)), count)
    search = Array(order[..<cut])
    holdout = Array(order[cut...])
  }

  init(search: [Int], holdout: [Int]) {
    self.search = search
    self.holdout = holdout
  }
}
