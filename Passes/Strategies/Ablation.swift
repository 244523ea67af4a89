import Candidates
import GraphAnalysis
import GraphIR
import TensorCore

/// Everything that can be bypassed: single-entry single-exit regions and layers whose input and output have the
/// same type, and both sides of residual joins. It knows dominators and types, no names of blocks.
struct Ablation: CandidateGenerator {
  static let name = "ablation"
  static let summary = "bypass layers, regions and sides of residual joins"
  static let stage = StrategyStage.removal

  func candidates(for model: Model, activations: any ActivationSource) throws -> [Candidate] {
    var collector = Collector(model: model)
    let tree = RegionTree(of: model.mainGraph, in: model)
    for join in tree.residualJoins { collector.add(join) }
    let regions = tree.regions + tree.shortestTypePreservingSections(in: model)
    for region in regions where region.hasEqualTypes(in: model) { collector.add(region) }
    return collector.candidates
  }

  static let given = """
    float[N, 4] x; const float[4, 4] w, v; const float[4, 4] zeros = 0; const float[4, 4] little in -0.01...0.01; \
    const float[4, 3] narrow
    """

  static let examples: [StrategyExample] = [
    .changes(
      "a branch that adds nothing", "b = MatMul(x, zeros); s = Add(x, b); y = MatMul(s, w)",
      to: "y = MatMul(x, w)", loss: .none),
    .changes(
      "a branch that adds little", "h = Relu(x); b = MatMul(h, little); s = Add(x, b); y = MatMul(s, w)",
      to: "y = MatMul(x, w)", loss: .atMost(1e-4)),
    .changes(
      "a layer that does little", "h = MatMul(x, w); r = LeakyRelu<alpha = 0.9>(h); y = MatMul(r, v)",
      to: "h = MatMul(x, w); y = MatMul(h, v)", taking: .titled(["→ r (LeakyRelu)"]), loss: .atMost(0.01)),
    .keeps(
      "a layer that gives another type", "y = MatMul(x, narrow)",
      because: "what it reads cannot stand for what it gives"),
    .keeps("an operator that does nothing", "y = Identity(x)", because: "exact passes remove it"),
  ]
}

private struct Collector {
  let model: Model
  let costs: CostModel
  private var removal: RemovalPreview
  private(set) var candidates: [Candidate] = []
  private var seen: Set<Bypass> = []
  private var titles = CandidateTitles()

  /// How the part that goes is bound into the graph.
  enum Kind: String {
    /// One operator, whose output becomes one of its inputs.
    case layer
    /// Several nodes between one entry and one exit.
    case region
    /// The branch of a residual join: the skip connection is kept.
    case branch
    /// The skip connection of a residual join: the branch is kept.
    case skip
  }

  init(model: Model) {
    self.model = model
    costs = CostModel(model)
    removal = RemovalPreview(of: model)
  }

  /// For `Add(skip, branch)`: without the branch the sum is the skip, and the other way round. Of more than two
  /// sides, one is kept.
  mutating func add(_ join: ResidualJoin) {
    guard let result = model.output(0, of: join.node) else { return }
    for (index, kept) in join.sides.enumerated() {
      let dropped = join.sides.enumerated().filter { $0.offset != index }.map(\.element)
      // A side without nodes of its own is a skip connection.
      let kind: Kind = dropped.allSatisfy(\.nodes.isEmpty) ? .skip : .branch
      add(kind, exit: result, replacement: kept.value)
    }
  }

  mutating func add(_ region: Region) {
    add(region.nodes.count == 1 ? .layer : .region, exit: region.exit, replacement: region.entry)
  }

  private mutating func add(_ kind: Kind, exit: ValueID, replacement: ValueID) {
    guard let exitType = model.type(of: exit)?.tensorType,
      let type = model.type(of: replacement)?.tensorType, exitType.elementType == type.elementType,
      let exitShape = exitType.shape, let shape = type.shape, exitShape.isKnownEqual(to: shape),
      seen.insert(Bypass(exit: exit, replacement: replacement)).inserted,
      let nodes = removedNodes(exit: exit, replacement: replacement), isWorthwhile(nodes)
    else { return }
    candidates.append(
      Candidate(
        strategy: Ablation.name, kind: kind.rawValue, title: title(kind, exit: exit, nodes: nodes),
        nodes: nodes, edit: Bypass(exit: exit, replacement: replacement), saving: costs.saving(of: nodes)))
  }

  /// The nodes that die when `exit` is no longer read.
  private mutating func removedNodes(exit: ValueID, replacement: ValueID) -> [NodeID]? {
    let nodes = removal.nodes(thatDieWhen: exit, isReplacedBy: replacement)
    return nodes.isEmpty ? nil : nodes
  }

  /// What only moves data about, or does nothing, is the exact passes' business.
  private func isWorthwhile(_ nodes: [NodeID]) -> Bool {
    !nodes.allSatisfy { model.operatorName(of: $0) == OperatorName("Identity") }
  }

  private mutating func title(_ kind: Kind, exit: ValueID, nodes: [NodeID]) -> String {
    guard let last = nodes.last else { return titles.unique(model.label(of: exit)) }
    let isSide = kind == .branch || kind == .skip
    return titles.unique(isSide ? "at \(model.title(of: last))" : model.span(of: nodes))
  }
}
