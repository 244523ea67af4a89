import Evaluation
import GraphIR

/// What is to be searched, on which data, by which measure.
public struct SearchTask: Sendable {
  /// The model as it was read.
  public var model: Model
  public var modelPath: String
  /// The same model for the runtime.
  public var source: SessionSource
  /// Some samples choose, others confirm.
  public var evaluation: Dataset
  /// Samples that only refit and calibrate; nil to take some of those that choose.
  public var calibration: Dataset?
  /// What is left open is found from outputs and labels.
  public var metric: MetricRequest
  /// Judges plans, where there is one; then the metric only tells which changes are worth trying.
  public var command: MetricCommand?
  /// Where the result goes; the folder exists.
  public var outputFolder: String

  public init(
    model: Model, modelPath: String, source: SessionSource? = nil, evaluation: Dataset, calibration: Dataset?,
    metric: MetricRequest = MetricRequest(), command: MetricCommand? = nil, outputFolder: String
  ) {
    self.model = model
    self.modelPath = modelPath
    self.source = source ?? .file(modelPath)
    self.evaluation = evaluation
    self.calibration = calibration
    self.metric = metric
    self.command = command
    self.outputFolder = outputFolder
  }
}

/// What a search ends with.
public struct SearchOutcome: Sendable {
  public var metric: Metric
  /// The model as it was read, with types.
  public var original: Model
  public var exact: Model
  /// What was written as `optimized.onnx`; handles are those of `original`.
  public var result: Model
  public var steps: [AppliedStep]
  public var scored: [ScoredCandidate]
  /// Every plan that was measured.
  public var points: [PlanPoint]
  /// What the metric may lose, in its own unit.
  public var allowedLoss: Double
  public var confirmation: Confirmation
  public var latency: LatencyComparison
  public var latencyBatch: Int
  public var ledger: EvaluationLedger
  public var split: DataSplit
  public var calibrationCount: Int
  public var searchMetric: (baseline: Double, result: Double)
  public var wasInterrupted: Bool
  /// No plan was confirmed, so that the result is the exact model.
  public var planFailed: Bool
  /// What was known before anything was tried, and what came of it.
  public var warnings: [String]
  public var notes: [String]
}
