/// How the error probability is spent on plans that held-back samples are asked about, one after the other until one
/// is confirmed; after the last, the exact model is the result. Fixed before the first look.
///
/// Each look has a share of the error: a half, a quarter, and so on, the last one as much as the one before, so that
/// they add up to what there is. By Bonferroni's inequality, the probability to confirm any plan that loses too much
/// stays below the error, whatever the plans have in common.
enum Ladder {
  /// - Parameter whole: what earlier looks at the same samples have left.
  static func shares(_ count: Int, of whole: Double = 1) -> [Double] {
    var (shares, rest): ([Double], Double) = ([], whole)
    for number in 0..<count {
      let share = number == count - 1 ? rest : rest / 2
      shares.append(share)
      rest -= share
    }
    return shares
  }
}
