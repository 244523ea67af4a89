import GraphIR

/// Changes in the order in which they are best made. Every subset can be applied: a sensitivity sweep applies each
/// step alone. A step that goes on with what an earlier one began, such as the next width of a layer, includes it.
public protocol Schedule: Sendable {
  var steps: [ScheduledStep] { get }

  /// Makes the changes `chosen`, indices into `steps`, in a model that has had no other change since the schedule
  /// was made.
  func apply(_ chosen: [Int], to model: inout Model) throws
}

/// One change of a schedule.
public struct ScheduledStep: Hashable, Sendable {
  /// Short, and unique within its schedule.
  public let title: String
  /// The nodes whose results change first.
  public let nodes: [NodeID]
  /// The squared error that the change alone is predicted to cause at its own result, relative to its variance.
  public let predictedError: Double
  public let saving: Saving

  public init(title: String, nodes: [NodeID], predictedError: Double, saving: Saving) {
    self.title = title
    self.nodes = nodes
    self.predictedError = predictedError
    self.saving = saving
  }
}

extension Schedule {
  public func apply(first count: Int, to model: inout Model) throws {
    try apply(Array(0..<min(max(count, 0), steps.count)), to: &model)
  }
}
