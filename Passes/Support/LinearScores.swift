import GraphIR

/// The coefficients of a `LinearRegressor` or `LinearClassifier`: [scores, columns], and an intercept for each score.
struct LinearScores {
  private(set) var coefficients: [Float]
  private(set) var intercepts: [Float]
  let columns: Int

  /// Nil where the lists do not fit `columns`.
  init?(_ node: NodeID, _ columns: Int, in model: Model) {
    guard let coefficients = model.attribute("coefficients", of: node)?.floats, columns > 0,
      coefficients.count % columns == 0, !coefficients.isEmpty
    else { return nil }
    let scores = coefficients.count / columns
    let given = model.attribute("intercepts", of: node)?.floats ?? []
    guard given.isEmpty || given.count == scores else { return nil }
    if model.operatorName(of: node).name == "LinearRegressor" {
      guard model.attribute("targets", of: node)?.int ?? 1 == scores else { return nil }
    }
    self.coefficients = coefficients
    intercepts = given.isEmpty ? [Float](repeating: 0, count: scores) : given
    self.columns = columns
  }

  var scores: Int { intercepts.count }

  /// The same scores of columns x for what these give of factor · x + shift; nil where one is not finite.
  func reading(_ lines: [(factor: Double, shift: Double)]) -> LinearScores? {
    var result = self
    for score in 0..<scores {
      var intercept = Double(intercepts[score])
      for (column, line) in lines.enumerated() {
        let coefficient = Double(coefficients[score * columns + column])
        intercept += coefficient * line.shift
        result.coefficients[score * columns + column] = Float(coefficient * line.factor)
      }
      result.intercepts[score] = Float(intercept)
    }
    let isFinite = (result.coefficients + result.intercepts).allSatisfy(\.isFinite)
    return isFinite && lines.count == columns ? result : nil
  }
}
