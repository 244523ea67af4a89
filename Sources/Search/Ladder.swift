/// The plans that held-back samples are asked about, one after the other until one is confirmed; after the last, the
/// exact model is the result. Fixed before the first look.
///
/// Each look has a share of the error probability: a half, a quarter, and so on, the last one as much as the one
/// before, so that they add up to one. By Bonferroni's inequality, the probability to confirm any plan that loses
/// too much stays below the error, whatever the plans have in common.
struct Ladder: Hashable, Sendable {
  struct Rung: Hashable, Sendable {
    /// The plan's first so many steps.
    let steps: Int
    /// Of the error.
    let share: Double
  }

  let rungs: [Rung]

  /// All steps, one and two fewer, half of them.
  init(steps: Int) {
    var kept: [Int] = []
    for number in [steps, steps - 1, steps - 2, steps / 2] where number > 0 && number < kept.last ?? .max {
      kept.append(number)
    }
    rungs = zip(kept, Self.shares(kept.count)).map { Rung(steps: $0, share: $1) }
  }

  static func shares(_ count: Int) -> [Double] {
    var (shares, rest): ([Double], Double) = ([], 1)
    for number in 0..<count {
      let share = number == count - 1 ? rest : rest / 2
      shares.append(share)
      rest -= share
    }
    return shares
  }
}
