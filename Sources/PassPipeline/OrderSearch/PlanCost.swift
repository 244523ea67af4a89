import GraphAnalysis
import GraphIR

/// What an order search minimizes.
public protocol PlanCost: Sendable {
  /// As people name it.
  var name: String { get }
  func measure(_ model: Model) throws -> PlanMeasurement
}

/// A cost, and the interval in which it lies where it is measured with noise.
public struct PlanMeasurement: Hashable, Codable, Sendable {
  public var value: Double
  public var lowerBound: Double
  public var upperBound: Double
  /// Breaks ties.
  public var nodes: Int

  public init(_ value: Double, in interval: ClosedRange<Double>? = nil, nodes: Int) {
    self.value = value
    lowerBound = interval?.lowerBound ?? value
    upperBound = interval?.upperBound ?? value
    self.nodes = nodes
  }

  /// Whether this is surely less, or the same with fewer nodes.
  public func isBetter(than other: PlanMeasurement) -> Bool {
    if upperBound < other.lowerBound { return true }
    return value <= other.value && lowerBound <= other.upperBound && nodes < other.nodes
  }
}

/// Costs that the graph alone tells.
public enum StaticPlanCost: String, PlanCost, CaseIterable {
  case nodes, macs, bytes

  public var name: String { rawValue }

  public func measure(_ model: Model) -> PlanMeasurement {
    var typed = model
    ShapeInference.run(on: &typed)
    let costs = CostModel(typed)
    let value =
      switch self {
      case .nodes: costs.nodes
      case .macs: costs.macs
      case .bytes: costs.weightBytes
      }
    return PlanMeasurement(Double(value), nodes: costs.nodes)
  }
}
