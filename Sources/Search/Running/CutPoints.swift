import GraphIR

/// Values through which everything passes: what comes after one depends on nothing before it but the value
/// itself. A change behind such a value can be judged by running only what follows, on stored activations.
struct CutPoints {
  struct Cut {
    let value: ValueID
    /// Multiply-accumulates of one sample up to here.
    let macsBefore: Int
  }

  /// In order; the graph's input is not among them, nor its last value.
  let cuts: [Cut]
  /// The position of each node in the main graph.
  private let positions: [NodeID: Int]
  private let cutPositions: [Int]

  /// - Parameter macs: of one node and one sample.
  init(model: Model, macs: (NodeID) -> Int) {
    let nodes = model.nodes(of: model.mainGraph)
    var positions: [NodeID: Int] = [:]
    for (index, node) in nodes.enumerated() { positions[node] = index }
    let lastUse = Self.lastUses(in: model, positions: positions)
    var live = Set(model.inputs(of: model.mainGraph).filter { (lastUse[$0] ?? -1) >= 0 })
    var cuts: [Cut] = []
    var cutPositions: [Int] = []
    var before = 0
    for (index, node) in nodes.enumerated() {
      before += macs(node)
      for value in model.outputs(of: node) where lastUse[value] ?? -1 > index { live.insert(value) }
      live = live.filter { lastUse[$0] ?? -1 > index }
      guard index < nodes.count - 1, live.count == 1, let value = live.first,
        model.producer(of: value) == node, !Self.isConstant(node, in: model)
      else { continue }
      cuts.append(Cut(value: value, macsBefore: before))
      cutPositions.append(index)
    }
    self.cuts = cuts
    self.positions = positions
    self.cutPositions = cutPositions
  }

  /// The last cut before all of `nodes` that meets `condition`; nil where only the whole model will do.
  func last(before nodes: [NodeID], where condition: (Cut) -> Bool) -> Cut? {
    guard let first = nodes.compactMap({ positions[$0] }).min() else { return nil }
    return Array(zip(cuts, cutPositions)).last { $0.1 < first && condition($0.0) }?.0
  }

  /// At most `count` cuts, spread evenly over the work of the model.
  func spread(_ count: Int, totalMACs: Int) -> CutPoints {
    var kept: [Int] = []
    for step in 1...max(count, 1) {
      let target = totalMACs * step / (count + 1)
      let nearest = cuts.indices.min { abs(cuts[$0].macsBefore - target) < abs(cuts[$1].macsBefore - target) }
      if let nearest, kept.last != nearest { kept.append(nearest) }
    }
    return CutPoints(
      cuts: kept.map { cuts[$0] }, positions: positions, cutPositions: kept.map { cutPositions[$0] })
  }

  private init(cuts: [Cut], positions: [NodeID: Int], cutPositions: [Int]) {
    self.cuts = cuts
    self.positions = positions
    self.cutPositions = cutPositions
  }

  /// The position of the last node of the main graph that reads each value, itself or in a body; graph
  /// outputs are read at the very end.
  private static func lastUses(in model: Model, positions: [NodeID: Int]) -> [ValueID: Int] {
    var last: [ValueID: Int] = [:]
    let nodes = model.nodes(of: model.mainGraph)
    for value in model.inputs(of: model.mainGraph) + nodes.flatMap({ model.outputs(of: $0) }) {
      for use in model.uses(of: value) {
        let reader = model.ancestor(of: use.user, in: model.mainGraph) ?? use.user
        last[value] = max(last[value] ?? -1, positions[reader] ?? Int.max)
      }
    }
    return last
  }

  private static func isConstant(_ node: NodeID, in model: Model) -> Bool {
    (model.inputs(of: node).compactMap { $0 } + model.captures(of: node)).allSatisfy {
      model.constant($0) != nil
    }
  }
}
