import GraphIR
import TensorCore

/// The nodes below one main graph or function whose results are the same in every run, because all their
/// inputs are constants, or results of each other.
///
/// What counts against the limits is what would be stored: results that other nodes read, not those in between.
/// Nodes that are connected are folded together where their results fit, else as far as each step fits.
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
    let foldable = nodes
    members = []
    for cone in Self.connected(foldable, in: model) {
      if let cost = growth(byFolding: cone, in: model), growth + cost <= limits.limit {
        growth += cost
        members.formUnion(cone)
      } else {
        takeSteps(of: cone, in: model)
      }
    }
    nodes = foldable.filter(members.contains)
  }

  private mutating func collect(from graph: GraphID, in model: Model) {
    for node in model.nodes(of: graph) {
      if isFoldable(node, in: model), isComputable(node, in: model) {
        nodes.append(node)
        members.insert(node)
      }
      for body in model.bodies(of: node) { collect(from: body, in: model) }
    }
  }

  /// Those of the nodes of a cone that fit one by one.
  private mutating func takeSteps(of cone: [NodeID], in model: Model) {
    for node in cone where isFoldable(node, in: model) {
      guard let cost = growth(byFolding: [node], in: model), growth + cost <= limits.limit else { continue }
      growth += cost
      members.insert(node)
    }
  }

  /// The nodes in groups that read each other's results, each in order.
  private static func connected(_ nodes: [NodeID], in model: Model) -> [[NodeID]] {
    var group = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($0.element, $0.offset) })
    var parent = Array(nodes.indices)
    func find(_ index: Int) -> Int {
      var index = index
      while parent[index] != index {
        parent[index] = parent[parent[index]]
        index = parent[index]
      }
      return index
    }
    for (index, node) in nodes.enumerated() {
      for input in model.inputs(of: node) {
        guard let other = input.flatMap({ model.producer(of: $0) }).flatMap({ group[$0] }) else { continue }
        let (a, b) = (find(index), find(other))
        parent[max(a, b)] = min(a, b)
      }
    }
    group = [:]
    var cones: [[NodeID]] = []
    var places: [Int: Int] = [:]
    for (index, node) in nodes.enumerated() {
      let root = find(index)
      if let place = places[root] {
        cones[place].append(node)
      } else {
        places[root] = cones.count
        cones.append([node])
      }
    }
    return cones
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
      model.function(named: name) == nil, model.isDeterministic(node), !quantizers.contains(name.name),
      !model.unpacksWeights(node)
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

  /// Whether the results, which may be in between only, can be held in memory.
  private func isComputable(_ node: NodeID, in model: Model) -> Bool {
    let isExpanding = expanders.contains(model.operatorName(of: node).name)
    return model.outputs(of: node).filter { !model.isOmitted($0) }.allSatisfy { value in
      guard let bytes = model.byteCount(of: value) else { return !isExpanding }
      return bytes <= max(limits.intermediateLimit, model.bytesRead(by: node))
    }
  }

  /// Bytes of the results of `cone` that others read, less those of the constants that nothing else reads; nil
  /// where one of these results is much made of little.
  private func growth(byFolding cone: [NodeID], in model: Model) -> Int? {
    let cone = Set(cone)
    var growth = 0
    var constants: Set<ValueID> = []
    for node in cone {
      let isExpanding = expanders.contains(model.operatorName(of: node).name)
      for value in model.outputs(of: node) where !model.isOmitted(value) {
        guard model.uses(of: value).contains(where: { !cone.contains($0.user) }) else { continue }
        guard let bytes = model.byteCount(of: value) else {
          if isExpanding { return nil }
          continue
        }
        if isExpanding, bytes > max(model.bytesRead(by: node), limits.expansionLimit) { return nil }
        let (sum, overflow) = growth.addingReportingOverflow(bytes)
        guard !overflow else { return nil }
        growth = sum
      }
      constants.formUnion(model.inputs(of: node).compactMap { $0 })
    }
    for value in constants where isFreed(value, by: cone, in: model) {
      growth -= model.byteCount(of: value) ?? 0
    }
    return growth
  }

  private func isFreed(_ value: ValueID, by cone: Set<NodeID>, in model: Model) -> Bool {
    let isMade = model.producer(of: value).map(cone.contains) ?? false
    return !isMade && model.uses(of: value).allSatisfy { cone.contains($0.user) }
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
  /// Whether many numbers are stored in at most 16 bits each, and widened: by intent, to have a smaller model.
  fileprivate func unpacksWeights(_ node: NodeID) -> Bool {
    guard operatorName(of: node) == OperatorName("Cast"),
      let tensor = input(0, of: node).flatMap({ constant($0) }),
      let type = output(0, of: node).flatMap({ self.type(of: $0)?.tensorType?.elementType })
    else { return false }
    let isPacked = tensor.elementType.isFloatingPoint || tensor.elementType.bitWidth < 8
    return isPacked && tensor.elementCount >= 64 && type.isFloatingPoint
      && type.bitWidth > tensor.elementType.bitWidth && tensor.elementType.bitWidth <= 16
  }

  fileprivate func bytesRead(by node: NodeID) -> Int {
    Set(inputs(of: node).compactMap { $0 }).reduce(0) { sum, input in
      let (total, overflow) = sum.addingReportingOverflow(byteCount(of: input) ?? 0)
      return overflow ? .max : total
    }
  }

  /// Bytes of a constant, or of a value whose type and sizes are known.
  fileprivate func byteCount(of value: ValueID) -> Int? {
    if let tensor = constant(value) { return tensor.byteCount }
    guard let type = type(of: value)?.tensorType, let count = type.shape?.elementCount.fixedSize else {
      return nil
    }
    return type.elementType == .string ? nil : type.elementType.byteCount(ofElements: count)
  }
}
