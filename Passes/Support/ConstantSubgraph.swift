import GraphIR
import TensorCore

/// The nodes below one main graph or function whose results are the same in every run, because all their
/// inputs are constants, or results of each other.
struct ConstantSubgraph {
  /// In order, so that each reads constants and results of earlier ones only.
  private(set) var nodes: [NodeID] = []
  private var members: Set<NodeID> = []
  private let limits: FoldConstants.Options
  /// Bytes by which the model grows if all is folded.
  private var growth = 0

  init(of root: GraphID, in model: Model, limits: FoldConstants.Options) {
    self.limits = limits
    collect(from: root, in: model)
  }

  private mutating func collect(from graph: GraphID, in model: Model) {
    for node in model.nodes(of: graph) {
      if isFoldable(node, in: model), let cost = growth(byFolding: node, in: model),
        growth + cost <= limits.limit
      {
        growth += cost
        nodes.append(node)
        members.insert(node)
      }
      for body in model.bodies(of: node) { collect(from: body, in: model) }
    }
  }

  func contains(_ node: NodeID) -> Bool { members.contains(node) }

  /// The results that nodes outside read, or a graph returns.
  func frontier(in model: Model) -> [ValueID] {
    nodes.flatMap { model.outputs(of: $0) }.filter { value in
      model.uses(of: value).contains { !members.contains($0.user) }
    }
  }

  mutating func remove(_ unresolved: Set<NodeID>) {
    nodes.removeAll { unresolved.contains($0) }
    members.subtract(unresolved)
  }

  // MARK: What can be folded

  private func isFoldable(_ node: NodeID, in model: Model) -> Bool {
    let name = model.operatorName(of: node)
    let inputs = model.inputs(of: node).compactMap { $0 }
    guard !inputs.isEmpty, inputs.allSatisfy({ isConstant($0, in: model) }), model.bodies(of: node).isEmpty,
      model.function(named: name) == nil, model.isDeterministic(node), !quantizers.contains(name.name)
    else { return false }
    // An identity that stands at a graph's end would be folded into another one.
    if name == OperatorName("Identity"), model.outputs(of: node).contains(where: { model.isGraphOutput($0) })
    {
      return false
    }
    return givesTensors(node, in: model) && !model.attributes(of: node).contains { $0.value.isReference }
  }

  private func isConstant(_ value: ValueID, in model: Model) -> Bool {
    model.constant(value) != nil || model.producer(of: value).map { members.contains($0) } == true
  }

  private func givesTensors(_ node: NodeID, in model: Model) -> Bool {
    model.outputs(of: node).indices.allSatisfy { index in
      guard let value = model.output(index, of: node) else { return true }
      if let type = model.type(of: value) { return type.tensorType != nil }
      switch model.schema(of: node)?.output(at: index)?.type {
      case .concrete(let type): return type.tensorType != nil
      case .variable(let variable):
        let allowed = model.schema(of: node)?.typeConstraint(variable)?.allowedTypes ?? []
        return allowed.allSatisfy { $0.tensorType != nil }
      case nil: return false
      }
    }
  }

  // MARK: Sizes

  /// Bytes of the results less those of the inputs that only this node reads; nil where the node is to stay.
  private func growth(byFolding node: NodeID, in model: Model) -> Int? {
    let isExpanding = expanders.contains(model.operatorName(of: node).name)
    var made = 0
    for value in model.outputs(of: node) where !model.isOmitted(value) {
      guard let bytes = model.byteCount(of: value) else {
        if isExpanding { return nil }
        continue
      }
      let (sum, overflow) = made.addingReportingOverflow(bytes)
      guard !overflow else { return nil }
      made = sum
    }
    let inputs = Set(model.inputs(of: node).compactMap { $0 })
    if isExpanding {
      let read = inputs.reduce(0) { $0 + (model.byteCount(of: $1) ?? 0) }
      guard made <= max(read, limits.expansionLimit) else { return nil }
    }
    let freed = inputs.filter { model.isRead($0, onlyBy: node) }
    return made - freed.reduce(0) { $0 + (model.byteCount(of: $1) ?? 0) }
  }

  // MARK: Extracting

  /// A model without inputs that computes `results` by `nodes`. Values that `known` has, and constants, become
  /// initializers.
  static func extract(
    _ nodes: [NodeID], computing results: [ValueID], known: [ValueID: Tensor] = [:], from model: Model,
    root: GraphID
  ) throws -> Model {
    let imports = ["", "ai.onnx.ml"].compactMap { domain in
      model.opset(domain, in: root).map { OpsetImport(domain: domain, version: $0) }
    }
    var extracted = Model(
      header: ModelHeader(irVersion: max(model.header.irVersion, 4), opsetImports: imports))
    var copies: [ValueID: ValueID] = [:]
    extracted.edit(as: "extract") { rewriter in
      let graph = rewriter.model.mainGraph
      for node in nodes {
        let inputs = model.inputs(of: node).map { input -> ValueID? in
          guard let input, copies[input] == nil else { return input.flatMap { copies[$0] } }
          guard let tensor = known[input] ?? model.constant(input) else { return nil }
          copies[input] = rewriter.addConstant(tensor, in: graph)
          return copies[input]
        }
        let copy = rewriter.append(
          model.operatorName(of: node), inputs: inputs,
          outputs: model.outputs(of: node).map { model.type(of: $0) }, attributes: model.attributes(of: node),
          to: graph)
        for (old, new) in zip(model.outputs(of: node), rewriter.model.outputs(of: copy)) { copies[old] = new }
      }
      let returned = results.compactMap { copies[$0] }.enumerated().map { (name: "result\($0)", value: $1) }
      rewriter.setOutputs(of: graph, to: returned)
    }
    try Verifier.verify(extracted)
    return extracted
  }
}

/// Folding these would undo quantization: weights would be stored in full.
private let quantizers: Set<String> = ["DequantizeLinear", "DynamicQuantizeLinear", "QuantizeLinear"]

/// Operators that make much of little, which is cheaper to do in every run than to store.
private let expanders: Set<String> = [
  "ConstantOfShape", "Expand", "EyeLike", "OneHot", "Pad", "Range", "Resize", "Tile", "Upsample",
]

extension AttributeValueOf {
  fileprivate var isReference: Bool { if case .reference = self { true } else { false } }
}

extension Model {
  /// Bytes of a constant, or of a value whose type and sizes are known.
  fileprivate func byteCount(of value: ValueID) -> Int? {
    if let tensor = constant(value) { return tensor.byteCount }
    guard let type = type(of: value)?.tensorType, let count = type.shape?.elementCount.fixedSize else {
      return nil
    }
    return type.elementType == .string ? nil : type.elementType.byteCount(ofElements: count)
  }
}
