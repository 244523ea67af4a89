import Candidates
import GraphAnalysis
import GraphIR

/// Orders candidates by predicted loss for what they gain.
struct Ranking {
  private let totalParameters: Double
  private let totalMACs: Double
  private let totalNodes: Double
  /// Metric lost per unit of distortion, fitted over all candidates: their losses on few samples are noisy, and
  /// their distortions are not.
  private let lossPerDistortion: Double

  init(_ scored: [ScoredCandidate], base: Model) {
    let costs = CostModel(base)
    totalParameters = Double(max(costs.parameters, 1))
    totalMACs = Double(max(costs.macs, 1))
    totalNodes = Double(max(base.allNodes.count, 1))
    let pairs = scored.compactMap { candidate in
      candidate.loss.flatMap { loss in candidate.distortion.map { (loss: loss, distortion: min($0, 1)) } }
    }
    let products = pairs.reduce(0) { $0 + max($1.loss, 0) * $1.distortion }
    let squares = pairs.reduce(0) { $0 + $1.distortion * $1.distortion }
    lossPerDistortion = pairs.isEmpty ? 1 : squares > 0 ? products / squares : 0
  }

  /// The share of the model's work and size that goes, from 0 to 1.
  func gain(of candidate: Candidate) -> Double {
    let saving = candidate.saving
    return 0.45 * Double(saving.macs) / totalMACs + 0.45 * Double(saving.parameters) / totalParameters
      + 0.1 * Double(saving.nodes) / totalNodes
  }

  /// The mean of the measured loss and of what the distortion predicts, never quite zero.
  func loss(of scored: ScoredCandidate) -> Double {
    let predicted = scored.distortion.map { min($0, 1) * lossPerDistortion }
    let measured = scored.loss.map { max($0, 0) } ?? predicted ?? 1
    return max((measured + (predicted ?? measured)) / 2, 1e-4)
  }

  func precedes(_ a: ScoredCandidate, _ b: ScoredCandidate) -> Bool {
    let (first, second) = (gain(of: a.candidate) / loss(of: a), gain(of: b.candidate) / loss(of: b))
    if first != second { return first > second }
    return a.candidate.nodes.lexicographicallyPrecedes(b.candidate.nodes)
  }
}
