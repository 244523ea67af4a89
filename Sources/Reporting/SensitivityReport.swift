import Candidates
import Foundation

/// What a sensitivity sweep found, as `sensitivity.json` holds it. Keys are in snake case; all shares are fractions
/// of one.
public struct SensitivityReport: Codable, Sendable {
  public var model: String
  public var metric: SearchReport.Metric
  /// The program whose number is the metric, as the shell runs it; nil where single samples have scores.
  public var metricCommand: String?
  public var data: SearchReport.Data
  /// The original's metric on the samples.
  public var baseline: Double
  /// What the exact model costs, which every change was made to.
  public var total: Saving
  public var samples: Int
  public var calibrationSamples: Int
  /// What was to be gained: `latency`, `bytes`, `macs`, or `cost`, the mean of the shares of the last two.
  public var objective: String
  /// The least drop for what is gained first; what gains nothing comes behind.
  public var changes: [Change]
  /// How many there are; fewer were measured where the sweep was interrupted.
  public var changeCount: Int
  /// In full passes over all evaluation samples, partial runs weighted by the multiply-accumulates executed.
  public var evaluations: Double
  /// From the start of the command until this report was made.
  public var wallSeconds: Double
  public var runtimeSeconds: Double
  public var runtime: String
  public var seed: UInt64
  public var threads: Int
  public var wasInterrupted: Bool
  /// What people should know about this result.
  public var notes: [String]

  /// One change of the exact model, made alone.
  public struct Change: Codable, Sendable {
    public var strategy: String
    public var kind: String
    public var title: String
    /// Where: a node, or the first and the last of several.
    public var layer: String
    /// What is done there; empty where the strategy says it all.
    public var action: String
    /// The nodes that go, or whose results change first.
    public var nodes: [String]
    /// Of the first of them among the exact model's nodes, from 0.
    public var position: Int
    /// Nil where the change could not be measured; `failure` says why.
    public var bare: Effect?
    /// With the last linear layer refitted; nil where it was not.
    public var refitted: Effect?
    /// What the model needs less; negative where it needs more.
    public var gain: Saving?
    /// Of the model with the change; its ratio is to the exact model.
    public var latency: SearchReport.Latency?
    /// The metric's drop for each whole model gained; nil where nothing is gained for sure.
    public var dropPerGain: Double?
    /// The squared error that a strategy predicted at the layer's result, relative to its variance.
    public var predictedError: Double?
    public var failure: String?

    /// Of the model that a search would take: with the refitted layer, where there is one.
    public var best: Effect? { refitted ?? bare }
  }

  public struct Effect: Codable, Sendable {
    /// How much worse the metric is, in its own unit, with the 95 % interval, on paired samples.
    public var drop: SearchReport.Estimate
    /// Of the interval: `exact`, `betting` or `bootstrap`; `jackknife` where a command judges.
    public var method: String
    /// Where a command judges, 1 if its number became worse, or better.
    public var worseSamples: Int
    public var betterSamples: Int
    /// Signal to quantization noise at the metric's output, in dB; nil where that is no floating point number.
    public var sqnrDecibels: Double?
  }

  public func json() throws -> Foundation.Data { try reportJSON(self) }

  /// What was to be gained, for people.
  var gained: String {
    switch objective {
    case "cost": "bytes and multiply-accumulates"
    case "macs": "multiply-accumulates"
    default: objective
    }
  }

  /// What intervals are of, for people.
  var intervals: String {
    metricCommand == nil
      ? "Intervals are of paired samples, each for itself"
      : "Intervals are of the jackknife over groups of samples, each for itself"
  }

  /// What unit drops have, for people, where that is not plain.
  var unit: String? {
    metricCommand.map { _ in "Drops are in the unit of what the metric command prints." }
  }

  /// Behind the decimal point: enough for four figures of the original's metric, four at least.
  public var digits: Int {
    guard baseline != 0, baseline.isFinite else { return 4 }
    return min(max(4, 3 - Int(log10(abs(baseline)).rounded(.down))), 12)
  }

  /// A number in the metric's unit.
  func shown(_ value: Double) -> String { fixed(value, digits: digits) }

  /// How changes are sorted.
  var order: String {
    "Those that lose least for the share of \(gained) that they save come first, and those that save none last."
  }
}
