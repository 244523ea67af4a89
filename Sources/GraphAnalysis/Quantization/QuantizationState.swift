import GraphIR

/// Which convolutions and products of a model are quantized, and how.
public struct QuantizationState: Sendable {
  /// Layers of one precision.
  public struct Share: Sendable {
    public let precision: LayerPrecision
    public var nodes = 0
    /// Of one visit of each.
    public var macs = 0
  }

  /// Those with most multiply-accumulates first.
  public let shares: [Share]
  public let nodes: Int
  public let macs: Int

  public init(_ model: Model, _ costs: CostModel) {
    var shares: [LayerPrecision: Share] = [:]
    for node in model.allNodes {
      guard let precision = LayerPrecision(of: node, in: model) else { continue }
      shares[precision, default: Share(precision: precision)].nodes += 1
      let macs = shares[precision]?.macs ?? 0
      shares[precision]?.macs = macs.saturatingAdd(costs.macs(of: node))
    }
    self.shares = shares.values.sorted {
      ($1.macs, $1.nodes, $0.name) < ($0.macs, $0.nodes, $1.name)
    }
    nodes = self.shares.reduce(0) { $0 + $1.nodes }
    macs = self.shares.reduce(0) { $0.saturatingAdd($1.macs) }
  }

  public var quantizedNodes: Int { shares.reduce(0) { $0 + ($1.precision.isQuantized ? $1.nodes : 0) } }
}

extension QuantizationState.Share {
  fileprivate var name: String { "\(precision.weights) \(precision.form.rawValue)" }
}
