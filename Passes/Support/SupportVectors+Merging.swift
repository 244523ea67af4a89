import GraphIR

extension SupportVectors {
  /// Attributes with fewer linear vectors, for the same scores: in place of a regressor's vectors one, in place of those of
  /// a class one for each of the other classes; nil where none become fewer, and where vectors nearly cancel one another.
  var merged: [(name: String, value: AttributeValue)]? {
    guard kernel == .linear else { return nil }
    let height = coefficients.count / count
    var (left, sizes): ([(vector: [Float], row: [Float])], [Int]) = ([], [])
    for part in parts {
      guard part.count > height else {
        left += part.map { (vector: Array(vectors[$0 * columns..<($0 + 1) * columns]), row: column(of: $0)) }
        sizes.append(part.count)
        continue
      }
      for row in 0..<height {
        guard let sum = sum(of: part, row: row) else { return nil }
        left.append((vector: sum, row: (0..<height).map { $0 == row ? 1 : 0 }))
      }
      sizes.append(height)
    }
    guard left.count < count else { return nil }
    let coefficients = (0..<height).flatMap { row in left.map { $0.row[row] } }
    return [
      (name: "support_vectors", value: .floats(left.flatMap(\.vector))),
      (name: "coefficients", value: .floats(coefficients)), Self.counts(sizes, isRegressor: isRegressor),
    ]
  }

  static func counts(_ sizes: [Int], isRegressor: Bool) -> (name: String, value: AttributeValue) {
    guard isRegressor else { return (name: "vectors_per_class", value: .ints(sizes.map(Int64.init))) }
    return (name: "n_supports", value: .int(Int64(sizes.reduce(0, +))))
  }

  /// What a vector counts, score by score.
  private func column(of vector: Int) -> [Float] {
    (0..<coefficients.count / count).map { coefficients[$0 * count + vector] }
  }

  /// Nil where rounding would be all that is left of a vector, or a number is not finite.
  private func sum(of part: Range<Int>, row: Int) -> [Float]? {
    var sums = [Double](repeating: 0, count: columns), size = 0.0
    for vector in part {
      for column in 0..<columns {
        let product = coefficient((row: row, vector: vector)) * Double(vectors[vector * columns + column])
        sums[column] += product
        size += abs(product)
      }
    }
    let result = sums.map { Float($0) }
    guard size <= Self.largestRatio * sums.reduce(0, { $0 + abs($1) }), result.allSatisfy(\.isFinite) else {
      return nil
    }
    return result
  }
}
