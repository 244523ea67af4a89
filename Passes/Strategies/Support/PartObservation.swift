import GraphIR
import Kernels
import LinearAlgebra
import TensorCore

/// Gathers batch by batch how the exit of a part varies, and with it its entry. Only second moments are kept.
struct PartObservation {
  let part: ReplaceablePart
  /// Nil for sides of joins.
  private let inputs: RowSampling?
  private let outputs: RowSampling
  /// Of three quarters of the rows of each batch, and of the rest.
  private var fitted: PairedMoments
  private var unseen: PairedMoments
  private var sum: ChannelVariation
  private var samples = 0
  /// Whether a batch was something else than the model says.
  private var isMistaken = false

  /// Of all samples; eight for each column tell enough for a fit.
  static func rows(of part: ReplaceablePart) -> Int { max(4096, 8 * part.columns) }

  /// - Parameter samples: as many will come.
  init(of part: ReplaceablePart, samples: Int) {
    self.part = part
    let rows = (Self.rows(of: part) + samples - 1) / max(samples, 1)
    let exit: ChannelLayout
    switch part.place {
    case .region(_, let geometry):
      exit = geometry.exit
      inputs = geometry.entry.sampling(rowsOfSample: rows, strides: geometry.strides)
    case .side(_, _, let layout, _):
      exit = layout
      inputs = nil
    }
    outputs = exit.sampling(rowsOfSample: rows)
    sum = ChannelVariation(axis: exit.axis)
    fitted = PairedMoments(inputs: inputs?.channels ?? 0, outputs: exit.count)
    unseen = fitted
  }

  var values: [ValueID] { [part.exit] + [part.entry, part.sum].compactMap { $0 } }

  /// - Throws: `ModelError` without BLAS.
  mutating func add(_ batch: [ValueID: Tensor]) throws {
    guard !isMistaken else { return }
    guard let pairs = pairs(in: batch) else {
      isMistaken = true
      return
    }
    try add(pairs)
    if let value = part.sum, let total = batch[value] { sum.add(total) }
  }

  private mutating func add(_ pairs: Pairs) throws {
    let cut = pairs.y.rows * 3 / 4
    try fitted.add(pairs.x.rows(0..<cut), pairs.y.rows(0..<cut))
    try unseen.add(pairs.x.rows(cut..<pairs.y.rows), pairs.y.rows(cut..<pairs.y.rows))
    samples += pairs.samples
  }

  /// Rows of the entry and of the exit, as many of each.
  private struct Pairs {
    let x: Matrix
    let y: Matrix
    /// That the rows are of.
    let samples: Int
  }

  private func pairs(in batch: [ValueID: Tensor]) -> Pairs? {
    guard let exit = batch[part.exit], let y = try? outputs.rows(of: exit, firstSample: samples) else {
      return nil
    }
    let count = exit.dimensions.first ?? 1
    guard let inputs else { return Pairs(x: Matrix(rows: y.rows, columns: 0, []), y: y, samples: count) }
    guard let value = part.entry, let entry = batch[value],
      let x = try? inputs.rows(of: entry, firstSample: samples), x.rows == y.rows
    else { return nil }
    return Pairs(x: x, y: y, samples: count)
  }

  /// Nil where too little came, or numbers that are not finite.
  func fit() -> PartFit? {
    var all = fitted
    all.add(unseen)
    guard !isMistaken, let seen = fitted.centred(), let rest = unseen.centred(), let all = all.centred()
    else { return nil }
    return PartFit(part, seen: seen, unseen: rest, all: all, sumVariance: sum.variance)
  }
}
