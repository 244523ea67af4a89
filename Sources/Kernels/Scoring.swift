/// The layout of class scores: [outer, classes, inner] over each sample.
public struct ScoreLayout: Hashable, Sendable {
  public var samples: Int
  public var outer: Int
  public var classes: Int
  public var inner: Int

  public init(samples: Int, outer: Int, classes: Int, inner: Int) {
    self.samples = samples
    self.outer = outer
    self.classes = classes
    self.inner = inner
  }

  /// Class decisions of one sample.
  public var decisions: Int { outer * inner }
}

/// For each sample, the fraction of decisions whose label is among the `k` highest scores; of equal scores
/// the lower class comes first, and a NaN among the scores makes the decision wrong.
///
/// `scores` holds samples · outer · classes · inner numbers, `labels` one for each decision. A label that is
/// no class is wrong.
public func topAccuracies(_ scores: [Double], _ layout: ScoreLayout, labels: [Int], k: Int) -> [Double] {
  precondition(scores.count == layout.samples * layout.decisions * layout.classes)
  precondition(labels.count == layout.samples * layout.decisions)
  return (0..<layout.samples).map { sample in
    var hits = 0
    for outer in 0..<layout.outer {
      for inner in 0..<layout.inner {
        let row = sample * layout.outer + outer
        let label = labels[row * layout.inner + inner]
        guard label >= 0, label < layout.classes else { continue }
        let start = row * layout.classes * layout.inner + inner
        if rank(of: label, scores, start, layout) < k { hits += 1 }
      }
    }
    return layout.decisions == 0 ? 0 : Double(hits) / Double(layout.decisions)
  }
}

/// How many classes come before `label`; all where a score is NaN.
private func rank(of label: Int, _ scores: [Double], _ start: Int, _ layout: ScoreLayout) -> Int {
  let own = scores[start &+ label &* layout.inner]
  var before = 0
  for index in 0..<layout.classes {
    let score = scores[start &+ index &* layout.inner]
    if score.isNaN { return layout.classes }
    if score > own || (score == own && index < label) { before += 1 }
  }
  return before
}

/// For each decision, the class with the highest score, the first of equals.
public func highestClasses(_ scores: [Double], _ layout: ScoreLayout) -> [Int] {
  precondition(scores.count == layout.samples * layout.decisions * layout.classes)
  var result: [Int] = []
  result.reserveCapacity(layout.samples * layout.decisions)
  for row in 0..<(layout.samples * layout.outer) {
    for inner in 0..<layout.inner {
      let start = row * layout.classes * layout.inner + inner
      var best = 0
      for index in 0..<layout.classes
      where scores[start &+ index &* layout.inner] > scores[start &+ best &* layout.inner] { best = index }
      result.append(best)
    }
  }
  return result
}

/// Sums over one row of two arrays, a candidate and its reference.
public struct RowSums: Hashable, Sendable {
  public var squaredDifference = 0.0
  public var squaredReference = 0.0
  public var squaredValue = 0.0
  public var product = 0.0
  /// Whether a value is NaN or infinite where the reference is not the same.
  public var hasNonFinite = false
}

/// Compares rows of `rowLength` numbers. Places where both hold the same NaN or infinity are left out.
public func rowSums(_ values: [Double], _ reference: [Double], rowLength: Int) -> [RowSums] {
  precondition(values.count == reference.count && rowLength > 0)
  return (0..<(values.count / rowLength)).map { row in
    var sums = RowSums()
    for index in (row &* rowLength)..<((row &+ 1) &* rowLength) {
      let (a, b) = (values[index], reference[index])
      guard a.isFinite && b.isFinite else {
        sums.hasNonFinite = sums.hasNonFinite || !(a == b || (a.isNaN && b.isNaN))
        continue
      }
      sums.squaredDifference += (a - b) * (a - b)
      sums.squaredReference += b * b
      sums.squaredValue += a * a
      sums.product += a * b
    }
    return sums
  }
}

/// For each row of `rowLength` numbers, whether one is NaN or infinite.
public func nonFiniteRows(_ values: [Double], rowLength: Int) -> [Bool] {
  precondition(rowLength > 0)
  return (0..<(values.count / rowLength)).map { row in
    for index in (row &* rowLength)..<((row &+ 1) &* rowLength) where !values[index].isFinite { return true }
    return false
  }
}

/// Variance over the rows, summed over the columns, and the mean square of all values likewise.
public func spread(_ values: [Double], rowLength: Int) -> (variance: Double, meanSquare: Double) {
  precondition(rowLength > 0)
  let rows = values.count / rowLength
  guard rows > 0 else { return (0, 0) }
  var sums = [Double](repeating: 0, count: rowLength)
  for index in 0..<(rows * rowLength) { sums[index % rowLength] += values[index] }
  var variance = 0.0
  var square = 0.0
  for index in 0..<(rows * rowLength) {
    let distance = values[index] - sums[index % rowLength] / Double(rows)
    variance += distance * distance
    square += values[index] * values[index]
  }
  return (variance / Double(rows), square / Double(rows))
}
