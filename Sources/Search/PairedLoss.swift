/// How much worse a variant is than the baseline on the same samples.
///
/// Pairing takes out what makes samples easy or hard: only differences remain.
struct PairedLoss: Sendable {
  let mean: Double
  /// Of the mean, from the sample variance of the differences.
  let standardError: Double
  let count: Int
  /// Of the sample that became worst.
  let largest: Double

  /// - Parameter losses: of each sample, positive where the variant is worse.
  init(_ losses: [Double]) {
    count = losses.count
    largest = losses.max() ?? 0
    let mean = count == 0 ? 0 : losses.reduce(0, +) / Double(count)
    self.mean = mean
    let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = count < 2 ? 0 : squares / Double(count - 1)
    // No difference on few samples is luck: assume that the next one differs by a quarter of the scale.
    let floor = count == 0 ? .infinity : 1 / (16 * Double((count + 1) * (count + 1)))
    standardError = count == 0 ? .infinity : max(variance / Double(count), floor).squareRoot()
  }

  /// With a margin in standard errors. Where nothing may be lost, no sample may become worse.
  func isWithin(_ allowedLoss: Double, margin: Double = 1) -> Bool {
    allowedLoss > 0 ? mean + margin * standardError <= allowedLoss : count > 0 && largest <= 0
  }
}
