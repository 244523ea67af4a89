import Candidates
import Foundation
import GraphAnalysis
import GraphIR

/// A node that can be made smaller step by step.
protocol ReducibleNode: Sendable {
  var node: NodeID { get }
  /// From harmless to harmful.
  var steps: [ReductionStep] { get }
  /// Makes the first `count` steps, from 1 to their number.
  func apply(_ count: Int, to model: inout Model) throws
}

/// One of the steps by which a node gets smaller.
struct ReductionStep: Sendable {
  /// What is left after it, such as `40 of 200 trees`.
  let title: String
  /// Of this step and those before it: the squared error of the node's results relative to their variance.
  let predictedError: Double
  /// The part of the node's weights that goes with this step.
  let share: Double
}

/// Makes nodes smaller. Each step includes those before it of the same node.
struct ReductionSchedule: Schedule {
  let steps: [ScheduledStep]
  private let parts: [any ReducibleNode]
  private let places: [Place]

  private struct Place {
    let part: Int
    /// How many steps the node has made with this one.
    let count: Int
    let step: ScheduledStep
  }

  /// - Returns: nil where nothing can become smaller.
  init?(_ parts: [any ReducibleNode], in model: Model) {
    let costs = CostModel(model)
    let ofEach = parts.enumerated().map { index, part in
      Self.places(of: index, part, label: model.label(of: part.node), costs[part.node])
    }
    // Errors grow along each part, so that its steps stay in order.
    places = ofEach.joined().enumerated().sorted {
      ($0.element.step.predictedError, $0.offset) < ($1.element.step.predictedError, $1.offset)
    }.map(\.element)
    guard !places.isEmpty else { return nil }
    steps = places.map(\.step)
    self.parts = parts
  }

  private static func places(
    of index: Int, _ part: any ReducibleNode, label: String, _ cost: CostModel.NodeCost
  ) -> [Place] {
    var error = 0.0
    return part.steps.enumerated().map { place, step in
      error = max(error, step.predictedError)
      let saving = Saving(
        parameters: Int(step.share * Double(cost.parameters)),
        bytes: Int(step.share * Double(cost.weightBytes)))
      return Place(
        part: index, count: place + 1,
        step: ScheduledStep(
          title: "\(label): \(step.title)", nodes: [part.node], predictedError: error, saving: saving))
    }
  }

  func apply(_ chosen: [Int], to model: inout Model) throws {
    var counts = parts.map { _ in 0 }
    for index in chosen where places.indices.contains(index) {
      counts[places[index].part] = max(counts[places[index].part], places[index].count)
    }
    for (part, count) in zip(parts, counts) where count > 0 { try part.apply(count, to: &model) }
  }

  /// Of each node.
  static let mostSteps = 32

  /// Ever smaller numbers from below `count` to `least`, about equally many times smaller from step to step.
  static func counts(from count: Int, to least: Int) -> [Int] {
    var counts: [Int] = []
    for step in stride(from: 1, through: mostSteps, by: 1) {
      let share = 1 - Double(step) / Double(mostSteps)
      let next = Int((Double(least) * pow(Double(count) / Double(least), share)).rounded())
      if next < counts.last ?? count, next >= least { counts.append(next) }
    }
    return counts
  }
}
