import Candidates
import Evaluation
import GraphIR

/// What single changes do to a model, each made alone.
public struct Sensitivity: Sendable {
  public var metric: Metric
  /// Judges instead of single samples, where there is one.
  public var command: MetricCommand?
  /// The model that the changes were made to, and what it costs in all.
  public var exact: Model
  public var total: Saving
  /// The original's metric on the samples.
  public var baseline: Double
  /// Every change ran on these.
  public var samples: [Int]
  public var calibrationCount: Int
  /// Whether the scores come from a linear layer, which is refitted.
  public var hasHead: Bool
  /// The least drop for what is gained first.
  public var effects: [ChangeEffect]
  public var gain: SensitivityGain
  /// How many changes there are; an interrupt leaves some of them unmeasured.
  public var changeCount: Int
  public var latencyBatch: Int
  public var ledger: EvaluationLedger
  public var wasInterrupted: Bool
}

/// What a change is to save.
public enum SensitivityGain: String, CaseIterable, Sendable {
  /// The mean of the shares of bytes and of multiply-accumulates.
  case cost
  /// Of one run, as measured: chance plays a part in the order.
  case latency
  /// Of weights.
  case bytes
  /// Multiply-accumulates of one sample.
  case macs
}

/// One change, made alone.
public struct SweptChange: Sendable {
  public let candidate: Candidate
  /// Where it is made: a node, the last of several.
  public let layer: String
  /// What is done there; empty where the strategy says it all.
  public let action: String
  /// See `ScheduledStep`; nil for candidates.
  public let predictedError: Double?
}

/// What one change does.
public struct ChangeEffect: Sendable {
  public let change: SweptChange
  /// What the model needs less; negative where it needs more. Nil where the change could not be made.
  public internal(set) var saving: Saving?
  /// Of the change as it is; nil where it could not be measured, or a command judged the refitted model only.
  public internal(set) var bare: OutputEffect?
  /// The same with the last linear layer refitted; nil where it was not.
  public internal(set) var refitted: OutputEffect?
  /// Against the exact model; nil where it was not measured.
  public internal(set) var latency: LatencyComparison?
  public internal(set) var failure: String?

  init(_ change: SweptChange) { self.change = change }

  /// Of the model that a search would take: with the refitted layer, where there is one.
  public var best: OutputEffect? { refitted ?? bare }
}

/// How outputs differ from the original's on the same samples.
public struct OutputEffect: Sendable {
  /// How much worse the metric is, with the 95 % interval of that.
  public let loss: Double
  public let lossInterval: ClosedRange<Double>
  public let method: PairedComparison.Method
  /// Samples that became worse, or better; where a command judges, 1 if its number did.
  public let worse: Int
  public let better: Int
  /// Signal to quantization noise at the metric's output, infinite where nothing changed; nil where it is no
  /// number.
  public let decibels: Double?

  init(_ comparison: PairedComparison, decibels: Double?) {
    loss = comparison.loss
    lossInterval = comparison.interval()
    method = comparison.method
    (worse, better) = (comparison.worse, comparison.better)
    self.decibels = decibels
  }
}
