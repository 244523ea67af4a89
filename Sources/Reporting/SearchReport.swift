import Candidates
import Foundation

/// What a search found, as `report.json` holds it. Keys are in snake case; all shares are fractions of one.
public struct SearchReport: Codable, Sendable {
  public var model: String
  public var budget: Budget
  public var metric: Metric
  public var data: Data
  public var samples: Samples
  public var baseline: Variant
  public var result: Variant
  /// How much worse the result's metric is on the held-back samples, paired.
  public var loss: Estimate
  public var isWithinBudget: Bool
  public var confirmation: Evidence
  /// A plan was found but not confirmed, so that the result is the exact model.
  public var planFailed: Bool
  /// What kept results as they were, and came before every step; sorted by name.
  public var exactPasses: [PassUse]
  /// Of the model after these.
  public var exactNodes: Int
  public var applied: [Applied]
  /// Every region that was scored, in the order in which the search found them.
  public var regions: [ScoredRegion]
  /// In full passes over all evaluation samples, partial runs weighted by the multiply-accumulates executed.
  public var evaluations: Double
  public var evaluationParts: [EvaluationPart]
  /// From the start of the command until this report is made.
  public var wallSeconds: Double
  /// Of the wall time, what the runtime's runs (those that measure latency, too) and the making of its sessions
  /// took. The rest is the search's own.
  public var runtimeSeconds: Double
  public var runtime: String
  public var seed: UInt64
  public var threads: Int
  public var wasInterrupted: Bool
  /// What people should know about this result.
  public var notes: [String]

  public struct Budget: Codable, Sendable {
    public var limit: Double
    /// `absolute` for metrics from 0 to 1, `relative` for unbounded ones.
    public var kind: String
    /// With which probability a plan that loses more must be refused; nil where the estimate decides.
    public var confidence: Double?
  }

  /// How sure the loss is.
  public struct Evidence: Codable, Sendable {
    /// Of the interval of the loss and of the looks' bounds: `exact` and `betting` hold for any number of samples,
    /// `bootstrap` is approximate.
    public var method: String
    /// The highest confidence at which the result would have been accepted; nil where it is the exact model.
    public var certainty: Double?
    /// Every plan that the held-back samples were asked about, in order.
    public var looks: [Look]
    /// How many there could have been, fixed before the first.
    public var possibleLooks: Int
  }

  public struct Look: Codable, Sendable {
    /// The plan's first so many steps.
    public var steps: Int
    public var samples: Int
    /// Which part of the error probability this look may spend.
    public var errorShare: Double
    public var isAccepted: Bool
    /// Nil, as the following, where the plan could not be measured.
    public var loss: Double?
    /// Of the loss, at this look's part of the error: 5 % in all where no confidence is asked for.
    public var upperBound: Double?
    /// The p-value of the hypothesis that the plan loses the budget or more, of this look alone.
    public var probability: Double?
    /// The highest confidence at which this plan would have been accepted at this look.
    public var certainty: Double?
  }

  public struct Metric: Codable, Hashable, Sendable {
    public var name: String
    /// The graph's output that is measured.
    public var output: String
    public var higherIsBetter: Bool
  }

  public struct Data: Codable, Sendable {
    /// Nil where inputs were drawn from the declared types.
    public var evaluation: String?
    public var calibration: String?
    public var isSynthetic: Bool

    public init(evaluation: String?, calibration: String?, isSynthetic: Bool) {
      self.evaluation = evaluation
      self.calibration = calibration
      self.isSynthetic = isSynthetic
    }
  }

  public struct Samples: Codable, Sendable {
    public var search: Int
    public var holdout: Int
    public var calibration: Int
  }

  public struct Variant: Codable, Sendable {
    /// On the held-back samples.
    public var metric: Double
    /// On the samples that chose.
    public var searchMetric: Double
    public var nodes: Int
    public var parameters: Int
    public var bytes: Int
    /// Of one sample, each symbolic size taken as 1.
    public var macs: Int
    public var latency: Latency
  }

  public struct Latency: Codable, Sendable {
    public var medianMilliseconds: Double
    /// To the baseline: the ratio of medians of interleaved pairs, with a 95 % confidence interval.
    public var ratio: Estimate
    public var threads: Int
    public var batch: Int
    public var pairs: Int
  }

  public struct Estimate: Codable, Sendable {
    public var value: Double
    public var lower: Double
    public var upper: Double
  }

  /// How often a pass changed something.
  public struct PassUse: Codable, Sendable {
    public var name: String
    public var applications: Int
  }

  public struct Applied: Codable, Sendable {
    public var strategy: String
    public var kind: String
    public var title: String
    public var nodes: [String]
    /// Of the metric on the search samples, by this step: negative is worse.
    public var metricChange: Double
    public var gain: Saving
  }

  public struct ScoredRegion: Codable, Sendable {
    public var strategy: String
    public var kind: String
    public var title: String
    public var nodes: [String]
    public var samples: Int
    /// Of the metric on those samples: negative is worse. Nil where the trial failed.
    public var metricChange: Double?
    /// The same without refitting the last layer.
    public var metricChangeBare: Double?
    /// Squared error of the last linear layer's outputs, relative to their variance.
    public var distortion: Double?
    public var gain: Saving
    public var failure: String?
  }

  public struct EvaluationPart: Codable, Sendable {
    public var stage: String
    public var passes: Double
  }

  /// How the search was run.
  public struct Run: Sendable {
    public var wallSeconds: Double
    public var runtimeSeconds: Double
    public var runtime: String
    public var seed: UInt64
    public var threads: Int

    public init(wallSeconds: Double, runtimeSeconds: Double, runtime: String, seed: UInt64, threads: Int) {
      self.wallSeconds = wallSeconds
      self.runtimeSeconds = runtimeSeconds
      self.runtime = runtime
      self.seed = seed
      self.threads = threads
    }
  }
}

extension SearchReport {
  public func json() throws -> Foundation.Data { try reportJSON(self) }
}
