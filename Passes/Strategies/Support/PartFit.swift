import GraphIR
import LinearAlgebra

/// What could stand in for a part, and what calibration data says of it.
struct PartFit {
  /// From cheap to dear.
  enum Rung: Int, CaseIterable {
    /// The entry itself, or a join without that side: what `Ablation` proposes.
    case nothing
    case constant
    case scales
    case matrix
  }

  struct Replacement {
    let rung: Rung
    let map: LinearMap
    /// The squared error on rows that the fit did not see, relative to the variance.
    let error: Double
    /// Of one sample.
    let macs: Int
  }

  let part: ReplaceablePart
  /// The rows to fit to, those that tell how good a fit is, and both.
  private let seen, unseen, all: PairedCovariance
  /// Of what errors count against, over the unseen rows.
  private let variation: Double

  /// λ relative to the mean variance of the inputs.
  private static let penalties = [1e-4, 1e-2, 1]

  /// Nil where nothing varies.
  /// - Parameter sumVariance: of the residual sum that alone reads the exit.
  init?(
    _ part: ReplaceablePart, seen: PairedCovariance, unseen: PairedCovariance, all: PairedCovariance,
    sumVariance: Double?
  ) {
    (self.part, self.seen, self.unseen, self.all) = (part, seen, unseen, all)
    let rows = Double(unseen.rows)
    if let sumVariance {
      variation = sumVariance * rows
    } else if case .side = part.place {
      // A factor's error counts against the factor, not only against how it varies.
      variation = unseen.variation + rows * unseen.outputMeans.reduce(0) { $0 + $1 * $1 }
    } else {
      variation = unseen.variation
    }
    guard variation.isFinite, variation > 0 else { return nil }
  }

  /// As far as there are any for such a part.
  /// - Throws: `ModelError` without BLAS.
  func replacements() throws -> [Replacement] {
    let penalty = try bestPenalty()
    return try Rung.allCases.compactMap { rung in
      guard let trial = try map(rung, seen, penalty), let map = try map(rung, all, penalty), map.isFinite
      else { return nil }
      let error = try unseen.squaredError(of: trial) / variation
      return error.isFinite ? Replacement(rung: rung, map: map, error: max(error, 0), macs: macs(rung)) : nil
    }
  }

  private func macs(_ rung: Rung) -> Int {
    guard rung == .matrix else { return 0 }
    let (macs, overflow) = (all.inputMeans.count * all.outputMeans.count)
      .multipliedReportingOverflow(by: part.positions)
    return overflow ? .max : macs
  }

  /// Nil where a part of this kind has no such rung.
  private func map(_ rung: Rung, _ moments: PairedCovariance, _ penalty: Double?) throws -> LinearMap? {
    switch (rung, part.place) {
    case (.nothing, .side(_, _, let layout, let neutral)):
      .constant([Double](repeating: neutral, count: layout.count))
    case (.constant, .side): .constant(moments.outputMeans)
    case (.nothing, .region(_, let geometry)) where geometry.isPreserving: origin(geometry)
    case (.scales, .region(_, let geometry)) where geometry.isPreserving: moments.scales
    case (.matrix, .region(_, let geometry)):
      try penalty.flatMap { try NormalEquations(origin(geometry), moments).solved(penalty: $0) }
    default: nil
    }
  }

  /// What fits are drawn to where data tells little.
  private func origin(_ geometry: RegionGeometry) -> LinearMap {
    let (rows, columns) = (geometry.entry.count, geometry.exit.count)
    let zeros = Matrix(rows: rows, columns: columns, [Double](repeating: 0, count: rows * columns))
    return LinearMap(
      weights: geometry.isPreserving ? Matrix(identity: rows) : zeros,
      bias: [Double](repeating: 0, count: columns))
  }

  /// Nil where no map can be fitted.
  private func bestPenalty() throws -> Double? {
    guard case .region(_, let geometry) = part.place else { return nil }
    let equations = try NormalEquations(origin(geometry), seen)
    var best: (penalty: Double, error: Double)?
    for penalty in Self.penalties {
      guard let map = try equations.solved(penalty: penalty) else { continue }
      let error = try unseen.squaredError(of: map)
      if error < best?.error ?? .infinity { best = (penalty, error) }
    }
    return best?.penalty
  }
}

extension LinearMap {
  fileprivate static func constant(_ values: [Double]) -> LinearMap {
    LinearMap(weights: Matrix(rows: 0, columns: values.count, []), bias: values)
  }

  /// Also in single precision.
  fileprivate var isFinite: Bool {
    (weights.values + bias).allSatisfy { Float($0).isFinite }
  }
}

extension PairedCovariance {
  /// The diagonal map that comes closest.
  fileprivate var scales: LinearMap {
    let count = inputMeans.count
    var weights = Matrix(rows: count, columns: count, [Double](repeating: 0, count: count * count))
    var bias = outputMeans
    for channel in 0..<min(count, bias.count) {
      let place = channel * count + channel
      let factor = inputs.values[place] > 0 ? products.values[place] / inputs.values[place] : 0
      weights.values[place] = factor
      bias[channel] -= factor * inputMeans[channel]
    }
    return LinearMap(weights: weights, bias: bias)
  }
}
