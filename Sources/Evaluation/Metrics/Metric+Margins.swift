import TensorCore

extension Metric {
  /// How far the decision on each sample is from another one, in the unit of the scores; nil for metrics without
  /// decisions, and for outputs that are no row of scores for each sample.
  public func margins(of outputs: Tensor) throws -> [Double]? {
    switch kind {
    case .topAccuracy(k: 1), .agreement:
      guard outputs.rank == 2, outputs.dimensions[1] > 1, outputs.elementType.isFloatingPoint else {
        return nil
      }
      let (scores, classes) = (try outputs.doubles(), outputs.dimensions[1])
      return (0..<outputs.dimensions[0]).map { row in
        Self.leadOfFirst(scores[(row * classes)..<((row + 1) * classes)])
      }
    case .thresholdAccuracy(let threshold):
      guard outputs.rank > 0, outputs.elementCount == outputs.dimensions[0] else { return nil }
      return try outputs.doubles().map { abs($0 - threshold) }
    default: return nil
    }
  }

  private static func leadOfFirst(_ scores: ArraySlice<Double>) -> Double {
    var (first, second) = (-Double.infinity, -Double.infinity)
    for score in scores {
      if score > first { (first, second) = (score, first) } else if score > second { second = score }
    }
    let lead = first - second
    return lead.isFinite ? lead : 0
  }
}
