import Candidates
import GraphIR

/// Products whose weights are stored in few bits.
struct BlockwiseSchedule: Schedule {
  private let products: [BlockwiseProduct]
  private let strategy: String
  let steps: [ScheduledStep]

  private static let samples = 128

  /// Nil where no product can be stored so, or nothing is known of what it reads.
  init?(
    _ strategy: String, bits: Int, block: Int, of model: Model, keeping: Set<NodeID>,
    _ activations: any ActivationSource
  ) throws {
    let layers = model.nodes(of: model.mainGraph)
      .filter { !keeping.contains($0) }.compactMap { QuantizableLayer($0, in: model) }
      .filter { BlockwiseProduct.canTake($0, block: block, in: model) }
    guard !layers.isEmpty else { return nil }
    let observations = try LayerObservations(
      of: layers, in: model, samples: Self.samples, activations)
    let half = 1 << (bits - 1)
    var weights: [NodeID: LevelledWeights] = [:]
    for layer in observations.layers where layer.hasFiniteWeights {
      weights[layer.node] = try LevelledWeights(
        of: layer, block: block, levels: -half...half - 1, observations)
    }
    let graded = GradedLayer.ordered(observations.layers, in: model) { weights[$0.node]?.error ?? .infinity }
    guard !graded.isEmpty else { return nil }
    self.strategy = strategy
    products = graded.compactMap { graded in
      weights[graded.layer.node].map { BlockwiseProduct(graded.layer, $0, bits: bits) }
    }
    let stored = BlockwiseProduct.storedBits(bits: bits, block: block)
    steps = graded.map { $0.step(in: model, bits: stored) }
  }

  func apply(_ chosen: [Int], to model: inout Model) throws {
    try model.edit(as: strategy) { rewriter in
      for index in chosen { try products[index].replace(with: &rewriter) }
    }
  }
}
