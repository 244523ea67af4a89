import Candidates
import GraphAnalysis
import GraphIR

/// Ranks of layers, step by step, in the order of the error for what a step saves.
struct LowRankSchedule: Schedule {
  let steps: [ScheduledStep]
  private let layers: [FactoredLayer]
  private let places: [Place]

  /// The rank that a step of the schedule leaves of a layer.
  private struct Place {
    let layer: Int
    let rank: Int
    let error: Double
    /// The error that is added for what is saved since the layer's step before.
    let slope: Double
    let saving: Saving
  }

  /// Relative errors beyond leave nothing of what a layer does.
  private static let mostError = 0.5

  init(_ layers: [FactoredLayer], in model: Model) {
    self.layers = layers
    let costs = CostModel(model)
    let places = layers.indices.flatMap { Self.places(of: $0, layers[$0], costs) }
    // Slopes grow along each layer, so that its steps stay in order.
    self.places = places.enumerated().sorted {
      ($0.element.slope, $0.offset) < ($1.element.slope, $1.offset)
    }.map(\.element)
    steps = self.places.map { place in
      let node = layers[place.layer].node
      return ScheduledStep(
        title: "\(model.label(of: node)): rank \(place.rank)", nodes: [node], predictedError: place.error,
        saving: place.saving)
    }
  }

  /// The ranks on the lower convex hull of error over saving: no other is better for what it costs.
  private static func places(of index: Int, _ layer: FactoredLayer, _ costs: CostModel) -> [Place] {
    let cost = costs[layer.node]
    let weight =
      Double(cost.macs) / Double(max(costs.macs, 1)) + Double(cost.parameters)
      / Double(max(costs.parameters, 1))
    var places: [Place] = []
    var (left, error, next) = (1.0, 0.0, 0)
    while next < layer.ranks.count {
      let slopes = (next..<layer.ranks.count).map {
        (layer.errors[$0] - error) / max((left - layer.share(at: layer.ranks[$0])) * weight, 1e-12)
      }
      guard let steepest = slopes.indices.min(by: { slopes[$0] < slopes[$1] }),
        case let chosen = next + steepest, layer.errors[chosen] <= mostError
      else { break }
      let rank = layer.ranks[chosen]
      let part = left - layer.share(at: rank)
      let parameters = Int(part * Double(cost.parameters))
      places.append(
        Place(
          layer: index, rank: rank, error: layer.errors[chosen], slope: max(slopes[steepest], 0),
          saving: Saving(
            parameters: parameters, bytes: parameters * MemoryLayout<Float>.size,
            macs: Int(part * Double(cost.macs)))))
      (left, error, next) = (layer.share(at: rank), layer.errors[chosen], chosen + 1)
    }
    return places
  }

  func apply(_ chosen: [Int], to model: inout Model) throws {
    var ranks: [Int: Int] = [:]
    for index in chosen where places.indices.contains(index) {
      let place = places[index]
      ranks[place.layer] = min(ranks[place.layer] ?? .max, place.rank)
    }
    try model.edit(as: LowRank.name) { rewriter in
      for (layer, rank) in ranks.sorted(by: { $0.key < $1.key }) {
        try layers[layer].replace(rank: rank, with: &rewriter)
      }
    }
  }
}
