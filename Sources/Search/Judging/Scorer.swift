import Evaluation
import GraphIR
import TensorCore

/// Scores outputs against labels, or against what the original answers, sample by sample.
struct Scorer: Sendable {
  let metric: Metric
  let labels: Tensor?
  /// What outputs are compared with where there are no labels, for all samples of the data; nil for the original's.
  let expected: Tensor?
  /// The original's outputs, row by row as `rows` says.
  private var reference: Tensor?
  /// By sample index, 0 for samples without a baseline.
  private var rows: [Int] = []
  /// What the scores of single samples refer to.
  private var population: MetricPopulation?
  /// The original's score of each sample, by its index; 0 for samples without a baseline.
  private var baseline: [Double] = []

  init(metric: Metric, labels: Tensor?, expected: Tensor? = nil) {
    self.metric = metric
    self.labels = labels
    self.expected = expected
  }

  /// Takes the original's outputs for `indices`, and only these, as what variants are compared with.
  mutating func setBaseline(_ outputs: Tensor, for indices: [Int]) throws {
    reference = outputs
    let own = metric.usesLabels ? try labels?.rows(indices) : nil
    if let labels, let own { try metric.requireClasses(labels, own, of: outputs) }
    population = try MetricPopulation(metric, output: outputs, reference: own ?? outputs)
    let size = (indices.max() ?? -1) + 1
    rows = [Int](repeating: 0, count: size)
    baseline = [Double](repeating: 0, count: size)
    for (row, index) in indices.enumerated() { rows[index] = row }
    for (index, score) in zip(indices, try scores(outputs, for: indices)) { baseline[index] = score }
  }

  func baselineScores(for indices: [Int]) -> [Double] { indices.map(baselineScore) }

  private func baselineScore(of index: Int) -> Double { index < baseline.count ? baseline[index] : 0 }

  func baselineMean(over indices: [Int]) -> Double {
    baselineScores(for: indices).reduce(0, +) / Double(max(indices.count, 1))
  }

  func output(of model: Model) -> (name: String, value: ValueID) {
    let names = model.outputNames(of: model.mainGraph)
    let index = names.firstIndex(of: metric.output) ?? 0
    return (name: names[index], value: model.outputs(of: model.mainGraph)[index])
  }

  /// What the original answers to samples of the baseline, in the order of `indices`.
  func original(for indices: [Int]) throws -> Tensor? {
    try reference?.rows(indices.map { $0 < rows.count ? rows[$0] : 0 })
  }

  /// - Parameter outputs: [samples, …], in the order of `indices`.
  /// - Throws: `ModelError` where an output is not finite and the original's is.
  func scores(_ outputs: Tensor, for indices: [Int]) throws -> [Double] {
    let expected =
      metric.usesLabels
      ? try labels?.rows(indices) : try self.expected?.rows(indices) ?? original(for: indices)
    guard let expected else { throw ModelError("there is nothing to compare '\(metric.output)' with") }
    let scores = try metric.scores(of: outputs, against: expected, population: population)
    guard scores.nonFiniteSamples == 0 else {
      throw ModelError("'\(metric.output)' is not finite for \(scores.nonFiniteSamples) samples")
    }
    return scores.values
  }

  /// How much worse these outputs are than the baseline, for each sample of `indices`.
  func losses(_ outputs: Tensor, for indices: [Int]) throws -> [Double] {
    let sign: Double = metric.direction == .higherIsBetter ? 1 : -1
    return zip(indices, try scores(outputs, for: indices)).map { sign * (baselineScore(of: $0) - $1) }
  }
}
