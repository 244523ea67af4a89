import Evaluation
import GraphIR
import Journal
import Kernels
import TensorCore

/// Judges whole models by a command of the user's, whose number is no mean over samples. How uncertain it is, is told by
/// a jackknife: the command judges again without each of a few groups of samples.
final class CommandJudge {
  let metric: Metric
  private let command: MetricCommand
  private let runner: VariantRunner
  private let labels: Tensor?
  private let original: VariantEncoder.Encoded
  /// The outputs that were judged last, which are judged again without groups.
  private var last: (identity: [Fingerprint], outputs: [MetricCommand.Output])?
  /// Plans that it could not judge, and why the first.
  private(set) var failures: (count: Int, first: String) = (0, "")

  /// Of samples, on those that choose, for each change of a sweep, and on those that confirm.
  static let choosingGroups = 4
  static let sweepingGroups = 8
  static let confirmingGroups = 20

  /// What is known of the original, by the samples and the number of groups.
  private var originals: [Fingerprint: [Double]] = [:]

  /// - Parameter output: that single samples are scored by.
  init(_ command: MetricCommand, original: Model, labels: Tensor?, output: String, runner: VariantRunner)
    throws
  {
    metric = Metric(.command(command.direction), output: output)
    self.command = command
    self.original = try Self.encoded(original, runner)
    self.labels = labels
    self.runner = runner
  }

  /// Of the original.
  func baseline(on samples: SampleSet) throws -> Double { try originalScores(on: samples, groups: 0)[0] }

  /// The same, and without each of the groups, so that comparisons need not ask for the original again.
  func baseline(on samples: SampleSet, groups: Int) throws -> Double {
    _ = try originalScores(on: samples, groups: min(groups, samples.count))
    return try baseline(on: samples)
  }

  /// - Parameter groups: of samples, for the jackknife.
  func comparison(of model: Model, title: String, on samples: SampleSet, groups: Int) throws
    -> PairedComparison
  {
    let jackknife = try jackknife(of: Self.encoded(model, runner), title, on: samples, groups: groups)
    return PairedComparison(jackknife, count: samples.count)
  }

  /// On the samples that choose. What loses more than `limit` is not judged again without groups: its standard error is
  /// 0, for unknown.
  /// - Returns: nil where the plan or the command fails, or somebody interrupts.
  func loss(of model: Model, title: String, on samples: SampleSet, within limit: Double) -> PairedLoss? {
    do {
      let model = try Self.encoded(model, runner)
      let loss = try losses(of: model, title, on: samples, groups: 0)[0]
      let isRefused = loss > limit || limit <= 0
      let error =
        isRefused
        ? 0 : try jackknife(of: model, title, on: samples, groups: Self.choosingGroups).standardError
      return PairedLoss(mean: loss, standardError: error, count: samples.count)
    } catch WorkerError.cancelled {
      return nil
    } catch {
      failures = (failures.count + 1, failures.count == 0 ? "\(title): \(error)" : failures.first)
      return nil
    }
  }

  private typealias Encoded = VariantEncoder.Encoded

  /// With all its outputs.
  private static func encoded(_ model: Model, _ runner: VariantRunner) throws -> Encoded {
    let outputs = zip(model.outputNames(of: model.mainGraph), model.outputs(of: model.mainGraph))
    return try runner.encoder.encode(model.extracting(outputs.map { (name: $0, value: $1) }))
  }

  private func jackknife(of model: Encoded, _ title: String, on samples: SampleSet, groups: Int) throws
    -> Jackknife
  {
    let groups = min(groups, samples.count)
    return Jackknife(
      estimate: try losses(of: model, title, on: samples, groups: 0)[0],
      leavingOut: try losses(of: model, title, on: samples, groups: groups))
  }

  /// How much worse than the original, without each of the groups; with all samples where there are none.
  private func losses(of model: Encoded, _ title: String, on samples: SampleSet, groups: Int) throws
    -> [Double]
  {
    let sign: Double = metric.direction == .higherIsBetter ? 1 : -1
    let before = try originalScores(on: samples, groups: groups)
    return zip(before, try scores(of: model, title, on: samples, groups: groups)).map { sign * ($0 - $1) }
  }

  private func originalScores(on samples: SampleSet, groups: Int) throws -> [Double] {
    let key = Fingerprint(of: [Fingerprint(samples.indices), Fingerprint([groups])])
    if let known = originals[key] { return known }
    let scores = try scores(of: original, "the original", on: samples, groups: groups)
    originals[key] = scores
    return scores
  }

  private func scores(of model: Encoded, _ title: String, on samples: SampleSet, groups: Int) throws
    -> [Double]
  {
    let identity = [Fingerprint(model.bytes), Fingerprint(samples.indices)]
    let measured = try runner.measured(.command, of: title, samples, identity + [Fingerprint([groups])]) {
      let outputs = try self.outputs(of: model, identity, on: samples)
      let parts: [(index: Int, of: Int)?] = groups == 0 ? [nil] : (0..<groups).map { ($0, of: groups) }
      return CommandScores(values: try parts.map { try value(of: outputs, on: samples, leavingOut: $0) })
    }
    return measured.values
  }

  private func outputs(of encoded: Encoded, _ identity: [Fingerprint], on samples: SampleSet)
    throws
    -> [MetricCommand.Output]
  {
    if let last, last.identity == identity { return last.outputs }
    let variant = try runner.prepare(encoded)
    let outputs = zip(variant.outputs, try runner.run(variant, on: samples)).map { (name: $0, values: $1) }
    last = (identity, outputs)
    return outputs
  }

  private func value(
    of outputs: [MetricCommand.Output], on samples: SampleSet, leavingOut group: (index: Int, of: Int)?
  ) throws -> Double {
    let rows = samples.indices.indices.filter { row in group.map { row % $0.of != $0.index } ?? true }
    let indices = rows.map { samples.indices[$0] }
    return try command.value(
      of: outputs.map { (name: $0.name, values: try $0.values.rows(rows, of: samples.count)) },
      labels: labels?.rows(indices),
      indices: indices, isCancelled: { runner.client.isCancelled })
  }
}

extension Tensor {
  /// The rows of some samples, of each of which there are equally many.
  fileprivate func rows(_ picked: [Int], of samples: Int) throws -> Tensor {
    let length = (dimensions.first ?? 0) / max(samples, 1)
    return try rows(picked.flatMap { ($0 * length)..<(($0 + 1) * length) })
  }
}

/// What the command says of a model: of all samples, or without each group.
private struct CommandScores: Recordable {
  let values: [Double]

  init(values: [Double]) { self.values = values }

  var columns: [[Double]] { [values] }

  init?(columns: [[Double]]) {
    guard columns.count == 1, !columns[0].isEmpty else { return nil }
    values = columns[0]
  }

  var summary: (value: Double, standardError: Double)? {
    values.count == 1 ? (values[0], 0) : nil
  }
}
