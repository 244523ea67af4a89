import GraphAnalysis
import GraphIR
import Testing

/// Compares the tree with the definition, tried on every pair of values of small random graphs.
@Suite struct RegionDefinitionTests {
  struct Pair: Hashable, Comparable {
    let entry: ValueID
    let exit: ValueID
    let nodes: [NodeID]

    static func < (a: Pair, b: Pair) -> Bool { (a.exit, a.entry) < (b.exit, b.entry) }
  }

  @Test(arguments: 0..<200)
  func everyRegionIsMinimalOrASectionOfARun(seed: UInt64) throws {
    let model = try Self.randomModel(seed: seed)
    let tree = RegionTree(of: model.mainGraph, in: model)
    let sections = tree.runs.enumerated().flatMap { index, run in
      run.cuts.indices.flatMap { first in
        run.cuts.indices.dropFirst(first + 1).compactMap { tree.section(ofRun: index, from: first, to: $0) }
      }
    }
    let found = sections.map { Pair(entry: $0.entry, exit: $0.exit, nodes: $0.nodes.sorted()) }
    #expect(found.sorted() == Self.allRegions(of: model).sorted())
    let listed = tree.regions.map { Pair(entry: $0.entry, exit: $0.exit, nodes: $0.nodes.sorted()) }
    #expect(Set(listed).isSubset(of: Set(found)))
    for region in tree.regions {
      guard let parent = region.parent else { continue }
      #expect(Set(region.nodes).isStrictSubset(of: Set(tree.regions[parent].nodes)))
    }
  }

  /// Nodes read one to three earlier values and have one or two outputs; up to two values are returned.
  private static func randomModel(seed: UInt64) throws -> Model {
    var generator = SplitMix(state: seed)
    var values = ["x"]
    var shapes: [String] = []
    var graph = NamedGraph(name: "g", inputs: [NamedValue("x", nil)])
    for index in 0..<Int.random(in: 2...14, using: &generator) {
      var inputs = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        values[max(0, values.count - 1 - Int.random(in: 0...3, using: &generator))]
      }
      if let shape = shapes.last, Int.random(in: 0...2, using: &generator) == 0 { inputs.append(shape) }
      let outputs = (0..<Int.random(in: 1...5, using: &generator) / 4 + 1).map { "v\(index)_\($0)" }
      graph.nodes.append(NamedNode(OperatorName("F", domain: "local"), inputs: inputs, outputs: outputs))
      values += outputs
      guard seed.isMultiple(of: 2), Bool.random(using: &generator) else { continue }
      shapes.append("s\(index)")
      graph.nodes.append(
        NamedNode(
          OperatorName("Shape"), inputs: [values.randomElement(using: &generator) ?? "x"],
          outputs: ["s\(index)"]))
    }
    var returned = [values[values.count - 1]]
    if Bool.random(using: &generator) { returned.append(values[values.count / 2]) }
    graph.outputs = Set(returned).sorted().map { NamedValue($0, nil) }
    return try Model(
      NamedModel(
        header: ModelHeader(irVersion: 10, opsetImports: [.init(domain: "", version: 21)]), graph: graph))
  }

  private static func allRegions(of model: Model) -> [Pair] {
    let values = model.inputs(of: model.mainGraph) + model.allNodes.flatMap { model.outputs(of: $0) }
    return values.filter { dataReachesOutput($0, in: model) }
      .flatMap { exit in
        values.filter { $0 != exit }.compactMap { region(from: $0, to: exit, in: model) }
      }
  }

  /// All nodes on the way back from `exit`, if the way ends at `entry` and nothing gets out but through `exit`.
  private static func region(from entry: ValueID, to exit: ValueID, in model: Model) -> Pair? {
    let walk = producers(of: exit, in: model, stoppingAt: entry)
    guard walk.ends == [entry] else { return nil }
    let computed = walk.nodes.flatMap { model.outputs(of: $0) }.filter { $0 != exit }
    guard !computed.contains(where: { reachesOutput($0, in: model, without: exit) }) else { return nil }
    return Pair(entry: entry, exit: exit, nodes: walk.nodes.sorted())
  }

  /// The nodes through which data gets to `value`, and the values at which the way back ends.
  private static func producers(
    of value: ValueID, in model: Model, stoppingAt entry: ValueID
  ) -> (nodes: Set<NodeID>, ends: Set<ValueID>) {
    var nodes: Set<NodeID> = []
    var ends: Set<ValueID> = []
    var pending = [value]
    while let value = pending.popLast() {
      guard value != entry, let producer = model.producer(of: value) else {
        ends.insert(value)
        continue
      }
      guard nodes.insert(producer).inserted else { continue }
      pending += model.inputs(of: producer).compactMap { $0 }.filter { carriesData($0, in: model) }
    }
    return (nodes: nodes, ends: ends)
  }

  private static func carriesData(_ value: ValueID, in model: Model) -> Bool {
    model.producer(of: value).map { model.operatorName(of: $0).name != "Shape" } ?? true
  }

  private static func reachesOutput(_ value: ValueID, in model: Model, without wall: ValueID?) -> Bool {
    value != wall
      && model.uses(of: value).contains { use in
        model.isTerminator(use.user)
          || model.outputs(of: use.user).contains { reachesOutput($0, in: model, without: wall) }
      }
  }

  private static func dataReachesOutput(_ value: ValueID, in model: Model) -> Bool {
    carriesData(value, in: model)
      && model.uses(of: value).contains { use in
        model.isTerminator(use.user)
          || model.outputs(of: use.user).contains { dataReachesOutput($0, in: model) }
      }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
