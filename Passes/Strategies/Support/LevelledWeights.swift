import GraphIR
import Kernels
import LinearAlgebra
import TensorCore

/// The weights of a layer on few levels, [outputs, columns], with a scale for each block of a row.
struct LevelledWeights: Sendable {
  let grid: LevelGrid
  let levels: [Int8]
  /// What the layer gave on average and no longer gives, for each output.
  let offset: [Double]
  /// The squared error of the result, relative to its variance.
  let error: Double

  var outputs: Int { levels.count / grid.columns }

  /// Rounds so that the layer's results on calibration data change least; where nothing is known of how the columns
  /// that it reads vary together, each weight to the nearest level.
  /// - Throws: `ModelError` without BLAS.
  init(
    of layer: QuantizableLayer, block: Int, levels range: ClosedRange<Int>, _ observations: LayerObservations
  ) throws {
    let covariance = observations.covariance(of: layer)
    let weights = try covariance?.layer.weights ?? layer.matrix()
    grid = LevelGrid(spanning: weights.values, columns: weights.columns, block: block, levels: range)
    if let factor = try covariance?.inverse()?.choleskyFactor() {
      levels = grid.rounded(weights.values, compensatingBy: factor.values)
    } else {
      levels = grid.rounded(weights.values)
    }
    let lost = weights - Matrix(rows: weights.rows, columns: weights.columns, grid.values(of: levels))
    if let covariance {
      let means = Matrix(rows: weights.columns, columns: 1, covariance.means)
      offset = try lost.multiplied(by: means).values
      let products = try lost.multiplied(by: covariance.matrix)
      error = innerProduct(products.values, lost.values) / max(covariance.variation, 1e-30)
    } else {
      offset = [Double](repeating: 0, count: weights.rows)
      let (input, result) = (observations.statistics[layer.input], observations.statistics[layer.result])
      let perOutput = lost.sumOfSquares / Double(max(weights.rows, 1))
      error = perOutput * input.summary.meanSquare / max(result.summary.variance, 1e-30)
    }
  }

  /// As the layer has its weights: with the outputs last where they lie along axis 1.
  func arranged(like layer: QuantizableLayer) -> [Int8] {
    layer.axis == 0 ? levels : transposed(levels, rows: outputs, columns: grid.columns)
  }

  /// With what rounding did to the mean result; nil for a layer without a bias that can have none: its weights were
  /// rounded for the mean as well.
  func correctedBias(of layer: QuantizableLayer) throws -> Tensor? {
    guard layer.bias != nil || !layer.isResultFloating else { return nil }
    let bias = try layer.bias?.doubles() ?? offset.map { _ in 0 }
    return try Tensor(.float32, rounding: zip(bias, offset).map { $0 + $1 }, [layer.channels])
  }
}

extension QuantizableLayer {
  /// The weights as [channels, what each reads].
  func matrix() throws -> Matrix {
    let first = max(weights.dimensions[0], 1)
    let stored = Matrix(rows: first, columns: weights.elementCount / first, try weights.doubles())
    return axis == 0 ? stored : stored.transposed
  }
}
