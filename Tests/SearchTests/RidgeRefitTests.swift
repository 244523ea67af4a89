import LinearAlgebra
import TensorCore
import Testing

@testable import Search

@Suite struct RidgeRefitTests {
  private func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    Matrix(rows: rows, columns: columns, noise(rows * columns, seed: seed).map(Double.init))
  }

  @Test func findsTheMapThatMadeTheTargets() throws {
    let truth = LinearMap(weights: matrix(6, 3, seed: 1), bias: [1, -2, 0.5])
    let features = matrix(400, 6, seed: 2)
    let old = LinearMap(weights: matrix(6, 3, seed: 3), bias: [0, 0, 0])
    let fit = try #require(try RidgeRefit.fit(old, features: features, targets: truth.applied(to: features)))
    #expect(fit.distortion < 1e-4 && fit.distortionBefore > 0.5)
    let errors = zip(fit.map.weights.values, truth.weights.values).map { abs($0 - $1) }
    #expect(errors.allSatisfy { $0 < 0.01 })
    #expect(zip(fit.map.bias, truth.bias).allSatisfy { abs($0 - $1) < 0.01 })
  }

  @Test func keepsTheOldParametersWhereNoFitIsBetter() throws {
    let old = LinearMap(weights: matrix(6, 3, seed: 1), bias: [1, -2, 0.5])
    let features = matrix(64, 6, seed: 2)
    #expect(try RidgeRefit.fit(old, features: features, targets: old.applied(to: features)) == nil)
  }

  @Test(arguments: 0..<8)
  func isNeverWorseOnSamplesItDidNotFit(_ seed: UInt64) throws {
    // Targets are the old outputs and noise: few samples, many features.
    let old = LinearMap(weights: matrix(20, 3, seed: seed), bias: [0, 0, 0])
    let features = matrix(24, 20, seed: seed + 100)
    var targets = try old.applied(to: features)
    for (index, value) in noise(targets.values.count, seed: seed + 200).enumerated() {
      targets.values[index] += 3 * Double(value)
    }
    guard let fit = try RidgeRefit.fit(old, features: features, targets: targets) else { return }
    #expect(fit.distortion < fit.distortionBefore)
  }

  @Test func needsSamplesAndNumbers() throws {
    let old = LinearMap(weights: matrix(4, 2, seed: 1), bias: [0, 0])
    #expect(try RidgeRefit.fit(old, features: matrix(15, 4, seed: 2), targets: matrix(15, 2, seed: 3)) == nil)
    var features = matrix(32, 4, seed: 2)
    let targets = matrix(32, 2, seed: 3)
    features.values[5] = .nan
    #expect(try RidgeRefit.fit(old, features: features, targets: targets) == nil)
    features.values[5] = .infinity
    #expect(try RidgeRefit.fit(old, features: features, targets: targets) == nil)
  }

  @Test func survivesFeaturesThatAreAlwaysTheSame() throws {
    let old = LinearMap(weights: matrix(3, 2, seed: 1), bias: [0, 0])
    let features = Matrix(rows: 32, columns: 3, [Double](repeating: 0, count: 96))
    let targets = matrix(32, 2, seed: 2).adding([5, -5])
    // Only the bias can do anything, and it finds the mean.
    let fit = try #require(try RidgeRefit.fit(old, features: features, targets: targets))
    #expect(abs(fit.map.bias[0] - targets.columnMeans[0]) < 1e-9)
  }
}
