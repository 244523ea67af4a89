/// How much worse a variant is than the baseline on the same samples.
///
/// Pairing takes out what makes samples easy or hard: only differences remain.
struct PairedLoss: Sendable {
  let mean: Double
  /// Of the mean, from the sample variance of the differences.
  let standardError: Double
  /// Of the mean as a forecast of the one over all samples: what has been run is certain, only the rest is not (the
  /// finite population correction; Cochran, Sampling Techniques, ch. 2).
  let errorOfRest: Double
  /// What the standard error is likely to be over all samples.
  let errorOfAll: Double
  let count: Int
  /// Of the sample that became worst.
  let largest: Double

  /// Of all samples together, where there are no single ones.
  init(mean: Double, standardError: Double, count: Int) {
    self.mean = mean
    self.standardError = standardError
    self.count = count
    (errorOfRest, errorOfAll, largest) = (0, standardError, mean)
  }

  /// - Parameters:
  ///   - losses: of each sample, positive where the variant is worse.
  ///   - groups: of each sample, where they are stratified (`Strata`).
  ///   - population: how many samples there are.
  init(_ losses: [Double], groups: [UInt8]? = nil, population: Int = .max) {
    count = losses.count
    largest = losses.max() ?? 0
    let strata = Self.strata(of: losses, groups, population)
    // A group that has no sample yet is taken to be like the others.
    let total = max(strata.reduce(0) { $0 + $1.weight }, .leastNonzeroMagnitude)
    func error(_ part: (Stratum) -> Double) -> Double {
      let sampled = strata.reduce(0) { $0 + $1.weight * $1.weight * $1.variance * part($1) }
      let least = strata.map { $0.weight * $0.weight * $0.leastVariance * part($0) }.max() ?? .infinity
      return max(sampled, least).squareRoot() / total
    }
    mean = strata.reduce(0) { $0 + $1.weight * $1.mean } / total
    standardError = error { _ in 1 }
    errorOfRest = error { 1 - $0.part }
    errorOfAll = error { $0.part }
  }

  /// Those that have samples; one where there are no groups.
  private static func strata(of losses: [Double], _ groups: [UInt8]?, _ population: Int) -> [Stratum] {
    guard let groups, groups.count == losses.count else {
      return losses.isEmpty ? [] : [Stratum(losses, weight: 1, population: population)]
    }
    return Strata.weights.enumerated().compactMap { group, weight in
      let members = zip(losses, groups).compactMap { $0.1 == group ? $0.0 : nil }
      return members.isEmpty ? nil : Stratum(members, weight: weight, population: population)
    }
  }

  /// Independent samples of one group.
  private struct Stratum {
    /// The group's share of the population.
    let weight: Double
    /// Which part of the group these samples are.
    let part: Double
    let mean: Double
    /// Of the mean, from the sample variance.
    let variance: Double
    /// No difference on few samples is luck: the next one is taken to differ by a quarter of the scale.
    let leastVariance: Double

    init(_ losses: [Double], weight: Double, population: Int) {
      let count = Double(losses.count)
      let mean = losses.reduce(0, +) / count
      self.weight = weight
      self.mean = mean
      part = min(count / max(weight * Double(population), 1), 1)
      variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count * max(count - 1, 1))
      leastVariance = 1 / (16 * (count + 1) * (count + 1))
    }
  }

  /// Whether no sample became worse.
  var isLossless: Bool { count > 0 && largest <= 0 }
}
