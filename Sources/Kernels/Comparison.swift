/// How two arrays of numbers differ.
public struct NumberComparison: Hashable, Sendable {
  public var maximumAbsoluteError = 0.0
  /// Relative to the reference's magnitude at the same place.
  public var maximumRelativeError = 0.0
  public var mismatches = 0
  public var firstMismatch: Int?
  /// NaN or infinity in the reference.
  public var hasNonFiniteReference = false
}

/// Compares `values` with `reference`: a place matches when both are NaN, both the same infinity, or
/// |value − reference| ≤ absolute + relative · |reference|. With both tolerances 0, zeros of different sign
/// do not match.
public func compareNumbers(
  _ values: [Double], _ reference: [Double], relative: Double, absolute: Double
) -> NumberComparison {
  precondition(values.count == reference.count)
  var result = NumberComparison()
  let isExact = relative == 0 && absolute == 0
  for index in reference.indices {
    let (a, b) = (values[index], reference[index])
    if !b.isFinite { result.hasNonFiniteReference = true }
    if a.isNaN && b.isNaN { continue }
    if a == b && !(isExact && a.sign != b.sign) { continue }
    let error = abs(a - b)
    if error.isFinite {
      result.maximumAbsoluteError = max(result.maximumAbsoluteError, error)
      result.maximumRelativeError = max(result.maximumRelativeError, b == 0 ? .infinity : error / abs(b))
    } else {
      result.maximumAbsoluteError = .infinity
      result.maximumRelativeError = .infinity
    }
    if error <= absolute + relative * abs(b), !isExact { continue }
    result.mismatches += 1
    result.firstMismatch = result.firstMismatch ?? index
  }
  return result
}

/// The largest finite magnitude, 0 for none.
public func largestMagnitude(_ values: [Double]) -> Double {
  var largest = 0.0
  for value in values where value.isFinite { largest = max(largest, abs(value)) }
  return largest
}

/// Ratios median(numerators) / median(denominators) of `resamples` samples of pairs, drawn with replacement.
public func bootstrapMedianRatios(
  _ numerators: [Double], _ denominators: [Double], resamples: Int, seed: UInt64
) -> [Double] {
  let count = min(numerators.count, denominators.count)
  guard count > 0 else { return [] }
  var random = Xoshiro256(seed: seed)
  return (0..<resamples).map { _ in
    let picks = (0..<count).map { _ in random.index(below: count) }
    return median(picks.map { numerators[$0] }) / median(picks.map { denominators[$0] })
  }
}

/// The middle value, or the mean of the two middle ones; NaN for none.
public func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return .nan }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
