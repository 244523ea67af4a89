import Candidates
import GraphAnalysis
import GraphIR
import TensorCore

/// A part of a model that something linear may stand in for.
struct ReplaceablePart: Sendable {
  enum Place: Sendable {
    /// What lies between two values.
    case region(entry: ValueID, RegionGeometry)
    /// One side of a sum or product of two.
    /// - Parameter neutral: what leaves the other side as it is.
    case side(of: NodeID, operandIndex: Int, ChannelLayout, neutral: Double)
  }

  let place: Place
  let exit: ValueID
  /// That go, in order; without the join, which stays.
  let nodes: [NodeID]
  /// Those of them that multiply.
  let layers: [NodeID]
  /// What goes with them.
  let saving: Saving
  /// Elements of one channel of the exit in one sample.
  let positions: Int
  /// The residual sum that alone reads the exit: errors count against its variation.
  let sum: ValueID?

  var entry: ValueID? { if case .region(let entry, _) = place { entry } else { nil } }

  /// Multiplications for each row that is looked at.
  var columns: Int {
    switch place {
    case .region(_, let geometry): geometry.entry.count + geometry.exit.count
    case .side(_, _, let layout, _): layout.count
    }
  }
}

/// Finds what may be replaced: regions with one entry and one exit, runs of them, and sides of joins.
struct ReplaceableParts {
  private let model: Model
  private let costs: CostModel
  private var removal: RemovalPreview
  private var seen: Set<[ValueID]> = []
  private(set) var parts: [ReplaceablePart] = []

  /// What saves a smaller part of the model's work or weights is not worth trying.
  private static let leastShare = 0.005
  /// Multiplications of all second moments.
  private static let mostProducts = 1 << 37
  /// Bytes of all second moments.
  private static let mostMomentBytes = 512 << 20

  /// Their number is linear in the nodes.
  init(of model: Model) {
    self.model = model
    costs = CostModel(model)
    removal = RemovalPreview(of: model)
    // Before, sums and products did not broadcast as they do since.
    guard model.opset("", in: model.mainGraph) ?? 0 >= 7 else { return }
    let tree = RegionTree(of: model.mainGraph, in: model)
    for join in tree.residualJoins { add(join) }
    for region in tree.regions + tree.doublingSections { add(region) }
    parts = affordable
  }

  private mutating func add(_ region: Region) {
    guard seen.insert([region.entry, region.exit]).inserted,
      let geometry = RegionGeometry(of: region, in: model), let producer = model.producer(of: region.exit),
      let positions = positions(of: region.exit, geometry.exit)
    else { return }
    let nodes = removal.nodes(thatDieWhen: region.exit, isReplacedBy: region.entry)
    add(
      ReplaceablePart(
        place: .region(entry: region.entry, geometry), exit: region.exit, nodes: nodes,
        layers: layers(nodes), saving: costs.saving(of: nodes), positions: positions,
        sum: model.residualSum(after: producer)))
  }

  private mutating func add(_ join: ResidualJoin) {
    let op = model.operatorName(of: join.node).name
    guard ["Add", "Mul", "Sum"].contains(op), model.inputCount(of: join.node) == 2, join.sides.count == 2,
      let result = model.output(0, of: join.node)
    else { return }
    for (side, other) in zip(join.sides, join.sides.reversed()) {
      guard model.hasOneUse(side.value), model.haveKnownEqualTypes(other.value, result),
        let layout = ChannelLayout(
          of: side.value, isChannelsFirst: model.haveChannelsFirst(side.nodes), in: model),
        let positions = positions(of: side.value, layout), seen.insert([side.value]).inserted
      else { continue }
      let nodes = removal.nodes(thatDieWhen: side.value, isReplacedBy: nil)
      add(
        ReplaceablePart(
          place: .side(
            of: join.node, operandIndex: side.operandIndex, layout, neutral: op == "Mul" ? 1 : 0),
          exit: side.value, nodes: nodes, layers: layers(nodes), saving: costs.saving(of: nodes),
          positions: positions, sum: op == "Mul" ? nil : result))
    }
  }

  private mutating func add(_ part: ReplaceablePart) {
    let total = (macs: max(costs.macs, 1), parameters: max(costs.parameters, 1))
    let share = max(
      Double(part.saving.macs) / Double(total.macs), Double(part.saving.parameters) / Double(total.parameters)
    )
    if part.saving.macs > 0, share >= Self.leastShare { parts.append(part) }
  }

  private func layers(_ nodes: [NodeID]) -> [NodeID] { nodes.filter { costs.macs(of: $0) > 0 } }

  /// Elements of one channel in one sample; sizes that are not known count as 1.
  private func positions(of value: ValueID, _ layout: ChannelLayout) -> Int? {
    let sizes = model.shape(of: value)?.dimensions.enumerated()
      .filter { $0.offset != 0 && $0.offset != layout.axis }.map { $0.element.fixedSize ?? 1 }
    return sizes.flatMap { try? Tensor.elementCount(of: $0) }
  }

  /// The narrowest, as many as can be looked at.
  private var affordable: [ReplaceablePart] {
    var (products, bytes) = (0, 0)
    let chosen = parts.indices.sorted { (parts[$0].columns, $0) < (parts[$1].columns, $1) }.prefix { index in
      let columns = parts[index].columns
      products += PartObservation.rows(of: parts[index]) * columns * columns
      bytes += 2 * columns * columns * MemoryLayout<Double>.size
      return products <= Self.mostProducts && bytes <= Self.mostMomentBytes
    }
    return chosen.sorted().map { parts[$0] }
  }
}

extension RegionTree {
  /// Of each run, the regions over two links, four, eight and so on that begin at multiples of half their length: runs
  /// of blocks, fewer than twice as many as there are links.
  fileprivate var doublingSections: [Region] {
    runs.indices.flatMap { run in
      let links = runs[run].cuts.count - 1
      return sequence(first: 2) { $0 <= links / 2 ? 2 * $0 : nil }.flatMap { length in
        stride(from: 0, through: links - length, by: length / 2)
          .compactMap { section(ofRun: run, from: $0, to: $0 + length) }
      }
    }
  }
}
