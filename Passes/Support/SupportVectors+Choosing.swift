import Foundation
import GraphIR
import LinearAlgebra

extension SupportVectors {
  /// What the kernel gives for rows [rows, columns] and each vector: [rows, vectors].
  /// - Throws: `ModelError` without BLAS.
  func kernelValues(of rows: Matrix) throws -> Matrix {
    let stored = Matrix(rows: count, columns: columns, vectors.map(Double.init))
    var result = try rows.multiplied(by: stored.transposed)
    guard parameters.count == 3 else { return result }
    let (factor, addend, exponent) = (Double(parameters[0]), Double(parameters[1]), Double(parameters[2]))
    switch kernel {
    case .linear: break
    case .polynomial:
      for index in result.values.indices {
        result.values[index] = pow(factor * result.values[index] + addend, exponent)
      }
    case .sigmoid:
      for index in result.values.indices {
        result.values[index] = tanh(factor * result.values[index] + addend)
      }
    case .radial:
      let (ofRows, ofVectors) = (rows.squaresOfRows, stored.squaresOfRows)
      for index in result.values.indices {
        let square = ofRows[index / count] + ofVectors[index % count] - 2 * result.values[index]
        result.values[index] = exp(-factor * max(square, 0))
      }
    }
    return result
  }

  /// The attributes of a node with these vectors alone.
  /// - Parameters:
  ///   - kept: in order.
  ///   - scores: for each score, what its terms count, those of `kept` alone in the order of `scores`, and its constant.
  /// - Returns: nil where a number is not finite.
  func attributes(keeping kept: [Int], _ scores: [(coefficients: [Double], constant: Double)])
    -> [(name: String, value: AttributeValue)]?
  {
    let height = isRegressor ? 1 : classes.count - 1
    var newIndex = [Int?](repeating: nil, count: count)
    for (index, vector) in kept.enumerated() { newIndex[vector] = index }
    var coefficients = [Float](repeating: 0, count: height * kept.count)
    for (terms, score) in zip(self.scores, scores) {
      let left = terms.compactMap { term in newIndex[term.vector].map { (row: term.row, index: $0) } }
      for (place, coefficient) in zip(left, score.coefficients) {
        coefficients[place.row * kept.count + place.index] = Float(coefficient)
      }
    }
    let constants = scores.map { Float($0.constant) }
    guard (coefficients + constants).allSatisfy(\.isFinite) else { return nil }
    let sizes = parts.map { part in kept.count { part.contains($0) } }
    let chosen = kept.flatMap { vectors[$0 * columns..<($0 + 1) * columns] }
    return [
      (name: "support_vectors", value: .floats(chosen)), (name: "coefficients", value: .floats(coefficients)),
      (name: "rho", value: .floats(constants)), Self.counts(sizes, isRegressor: isRegressor),
    ]
  }
}

extension Matrix {
  fileprivate var squaresOfRows: [Double] {
    (0..<rows).map { row in values[row * columns..<(row + 1) * columns].reduce(0) { $0 + $1 * $1 } }
  }
}
