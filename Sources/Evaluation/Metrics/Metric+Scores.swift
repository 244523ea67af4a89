import Kernels
import TensorCore

extension Metric {
  /// Scores each sample.
  /// - Parameters:
  ///   - output: of the model, [samples, …].
  ///   - reference: labels or the original's output for the same samples (`usesLabels`).
  ///   - population: facts of all samples, where these are only a part.
  /// - Throws: `DatasetError` where shapes or types do not fit.
  public func scores(
    of output: Tensor, against reference: Tensor, population: MetricPopulation? = nil
  ) throws -> SampleScores {
    guard let samples = output.dimensions.first, samples == reference.dimensions.first, samples > 0 else {
      throw misfit(output, reference)
    }
    switch kind {
    case .topAccuracy(let k): return try topAccuracy(output, reference, k: k)
    case .labelAccuracy: return try equality(output, reference)
    case .thresholdAccuracy(let threshold): return try thresholdAccuracy(output, reference, threshold)
    case .agreement: return try agreement(output, reference)
    case .rSquared, .meanSquaredError:
      return try regression(
        output, reference, population ?? MetricPopulation(self, output: output, reference: reference))
    case .macroF1, .meanIoU:
      return try classScores(
        output, reference, population ?? MetricPopulation(self, output: output, reference: reference))
    case .relativeError, .cosineSimilarity: return try similarity(output, reference)
    case .command: throw misfit(output, reference)
    }
  }

  func misfit(_ output: Tensor, _ reference: Tensor) -> DatasetError {
    DatasetError(
      "the output '\(self.output)' is \(output.type), which \(name) cannot compare with "
        + "\(usesLabels ? "labels" : "an original output") of \(reference.type)")
  }

  private func topAccuracy(_ output: Tensor, _ labels: Tensor, k: Int) throws -> SampleScores {
    guard let layout = ScoreLayout(scores: output.dimensions, labels: labels.dimensions) else {
      throw misfit(output, labels)
    }
    let scores = try output.doubles()
    let values = topAccuracies(scores, layout, labels: try labels.integers(), k: k)
    return SampleScores(values: values, isNonFinite: Self.nonFinite(scores, layout.samples))
  }

  private func agreement(_ output: Tensor, _ original: Tensor) throws -> SampleScores {
    guard output.elementType.isFloatingPoint else { return try equality(output, original) }
    guard output.dimensions == original.dimensions, output.rank >= 2 else { throw misfit(output, original) }
    let layout = ScoreLayout(
      samples: output.dimensions[0], outer: 1, classes: output.dimensions[1],
      inner: output.dimensions[2...].reduce(1, *))
    let scores = try output.doubles()
    let reference = try original.doubles()
    let decisions = highestClasses(reference, layout)
    let values = topAccuracies(scores, layout, labels: decisions, k: 1)
    let sums = rowSums(scores, reference, rowLength: max(1, layout.decisions * layout.classes))
    return SampleScores(values: values, isNonFinite: sums.map(\.hasNonFinite))
  }

  /// The fraction of equal elements of each sample.
  private func equality(_ output: Tensor, _ reference: Tensor) throws -> SampleScores {
    guard output.elementCount == reference.elementCount else { throw misfit(output, reference) }
    let samples = output.dimensions.first ?? 0
    let matches: [Bool]
    if let a = output.storage.strings, let b = reference.storage.strings {
      matches = zip(a, b).map { $0 == $1 }
    } else {
      matches = try zip(output.doubles(), reference.doubles()).map { $0 == $1 }
    }
    let length = max(1, matches.count / samples)
    let values = stride(from: 0, to: matches.count, by: length).map { start in
      Double(matches[start..<(start + length)].count(where: \.self)) / Double(length)
    }
    return SampleScores(values: values)
  }

  private func thresholdAccuracy(
    _ output: Tensor, _ labels: Tensor, _ threshold: Double
  ) throws -> SampleScores {
    guard output.elementCount == labels.elementCount else { throw misfit(output, labels) }
    let scores = try output.doubles()
    let values = zip(scores, try labels.doubles()).map { score, label in
      !score.isNaN && (score > threshold) == (label > 0.5) ? 1.0 : 0.0
    }
    return SampleScores(values: values, isNonFinite: Self.nonFinite(scores, labels.dimensions[0]))
  }

  private func regression(
    _ output: Tensor, _ labels: Tensor, _ population: MetricPopulation
  ) throws -> SampleScores {
    guard output.elementCount == labels.elementCount, output.elementCount > 0 else {
      throw misfit(output, labels)
    }
    let length = labels.elementCount / labels.dimensions[0]
    let sums = rowSums(try output.doubles(), try labels.doubles(), rowLength: length)
    let variance = kind == .rSquared ? population.variance : Double(length)
    let scores = sums.map { row in
      if row.hasNonFinite { return kind == .rSquared ? -Double.infinity : .infinity }
      let share = row.squaredDifference / variance
      return kind == .rSquared ? 1 - share : share
    }
    return SampleScores(values: scores, isNonFinite: sums.map(\.hasNonFinite))
  }

  private func classScores(
    _ output: Tensor, _ labels: Tensor, _ population: MetricPopulation
  ) throws -> SampleScores {
    let (counts, isNonFinite) = try counts(of: output, against: labels, in: population.classes)
    return SampleScores(values: population.linear?.scores(of: counts) ?? [], isNonFinite: isNonFinite)
  }

  private func similarity(_ output: Tensor, _ original: Tensor) throws -> SampleScores {
    guard output.dimensions == original.dimensions, output.elementCount > 0 else {
      throw misfit(output, original)
    }
    let length = output.elementCount / output.dimensions[0]
    let sums = rowSums(try output.doubles(), try original.doubles(), rowLength: length)
    // Samples whose original output is almost zero would else outweigh all others.
    let floor = 1e-6 * sums.reduce(0) { $0 + $1.squaredReference } / Double(sums.count)
    let values = sums.map { row in
      if row.hasNonFinite { return kind == .cosineSimilarity ? 0 : .infinity }
      if row.squaredDifference == 0 { return kind == .cosineSimilarity ? 1.0 : 0.0 }
      if kind == .cosineSimilarity {
        return row.product / max((row.squaredValue * row.squaredReference).squareRoot(), floor)
      }
      return (row.squaredDifference / max(row.squaredReference, floor)).squareRoot()
    }
    return SampleScores(values: values, isNonFinite: sums.map(\.hasNonFinite))
  }

  static func nonFinite(_ values: [Double], _ samples: Int) -> [Bool] {
    nonFiniteRows(values, rowLength: max(1, values.count / max(1, samples)))
  }
}

extension ScoreLayout {
  /// Scores [N, C, …] or [N, …, C] for labels [N, …], where a last or only axis of size 1 may be missing, or labels
  /// [N, 1, …].
  init?(scores: [Int], labels: [Int]) {
    var labels = labels
    if labels.count > 1, labels.last == 1, labels.count == scores.count { labels.removeLast() }
    if labels.count > 2, labels[1] == 1, labels.count == scores.count { labels.remove(at: 1) }
    guard scores.count >= 2, let samples = scores.first, labels.first == samples else { return nil }
    let rest = Array(labels.dropFirst())
    let inner = Array(scores.dropFirst(2))
    if inner == rest || (rest.isEmpty && inner.allSatisfy { $0 == 1 }) {
      self.init(samples: samples, outer: 1, classes: scores[1], inner: inner.reduce(1, *))
    } else if Array(scores[1..<(scores.count - 1)]) == rest {
      self.init(samples: samples, outer: rest.reduce(1, *), classes: scores[scores.count - 1], inner: 1)
    } else {
      return nil
    }
  }
}
