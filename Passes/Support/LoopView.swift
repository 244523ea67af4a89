import GraphIR

/// A `Loop` or `Scan` by what it carries: states by their number, then what it stacks.
struct LoopView {
  let node: NodeID
  let body: GraphID
  let stateCount: Int
  /// Inputs of the node and of the body before the first state: for `Loop`, trip count and condition.
  private let inputsBefore: Int
  /// Outputs of the body before the first state: for `Loop`, the condition.
  private let outputsBefore: Int
  private let inputs: [ValueID?]
  let outputs: [ValueID]
  private let bodyInputs: [ValueID]
  private let bodyOutputs: [ValueID]

  /// Nil where the counts do not fit, and for the first version of `Scan`.
  init?(_ node: NodeID, in model: Model) {
    guard let body = model.body("body", of: node), model.opset("", in: body) ?? 0 >= 9 else { return nil }
    self.node = node
    self.body = body
    inputs = model.inputs(of: node)
    outputs = model.outputs(of: node)
    bodyInputs = model.inputs(of: body)
    bodyOutputs = model.outputs(of: body)
    let isLoop = model.operatorName(of: node).name == "Loop"
    inputsBefore = isLoop ? 2 : 0
    outputsBefore = isLoop ? 1 : 0
    let scanned = isLoop ? 0 : model.attribute("num_scan_inputs", of: node)?.int ?? 0
    guard scanned >= 0, scanned <= inputs.count else { return nil }
    stateCount = inputs.count - inputsBefore - scanned
    guard stateCount >= 0, !inputs.dropFirst(inputsBefore).contains(nil), bodyInputs.count == inputs.count,
      bodyOutputs.count == outputs.count + outputsBefore, stateCount <= outputs.count
    else { return nil }
  }

  var states: Range<Int> { 0..<stateCount }

  /// Indices of `outputs` behind those of states.
  var stackedOutputs: Range<Int> { stateCount..<outputs.count }

  private func initial(_ state: Int) -> ValueID? { inputs[inputsBefore + state] }
  private func inner(_ state: Int) -> ValueID { bodyInputs[inputsBefore + state] }
  private func next(_ state: Int) -> ValueID { bodyOutputs[outputsBefore + state] }

  /// Whether the body returns the state as it came, perhaps through `Identity`.
  func isUnchanged(_ state: Int, in model: Model) -> Bool {
    model.source(of: next(state)) == inner(state)
  }

  /// Whether types allow that the states' first values stand for them, inside and after the loop.
  func canFix(_ states: [Int], in model: Model) -> Bool {
    model.agree(states.map { outputs[$0] } + states.map { inner($0) }, (states + states).map { initial($0) })
  }

  /// The states that decide how long the loop runs, or something that is read after it.
  func neededStates(in model: Model) -> Set<Int> {
    let stateOf = Dictionary(states.map { (inner($0), $0) }, uniquingKeysWith: { first, _ in first })
    var needed = Set(states.filter { model.hasUses(outputs[$0]) })
    var pending = Array(bodyOutputs.prefix(outputsBefore))
    pending += outputs.indices.filter { model.hasUses(outputs[$0]) }.map { bodyOutputs[outputsBefore + $0] }
    var seen = Set(pending)
    while let value = pending.popLast() {
      var sources: [ValueID] = []
      if let state = stateOf[value], needed.insert(state).inserted {
        sources = [next(state)]
      } else if let producer = model.producer(of: value), model.graph(of: producer) == body {
        sources = model.inputs(of: producer).compactMap { $0 } + model.captures(of: producer)
      }
      pending += sources.filter { seen.insert($0).inserted }
    }
    return needed
  }

  // MARK: Rebuilding

  /// Puts a node in the place of this one without the states `dropped` and the stacked outputs `unread`.
  /// - Parameter fixed: states, among those dropped, that their first value stands for.
  func rebuild(
    leavingOut dropped: Set<Int>, _ unread: Set<Int>, fixing fixed: [Int], with rewriter: inout Rewriter
  ) throws {
    for state in fixed {
      guard let value = initial(state) else { continue }
      try rewriter.replaceAllUses(of: outputs[state], with: value)
      for use in rewriter.model.uses(of: inner(state)) { rewriter.set(use.operand, to: value) }
    }
    let kept = outputs.indices.filter { !dropped.contains($0) && !unread.contains($0) }
    guard !kept.isEmpty else { return rewriter.erase(node) }
    rewriter.keepOutputs(Array(0..<outputsBefore) + kept.map { $0 + outputsBefore }, of: body)
    for state in dropped.sorted() { rewriter.eraseUnused(inner(state)) }
    try rewriter.replace(
      node, inputs: inputs.indices.filter { !dropped.contains($0 - inputsBefore) }.map { inputs[$0] },
      attributes: rewriter.model.attributes(of: node).map { trimmed($0, without: unread) },
      keepingOutputs: kept)
  }

  /// `Scan` has an entry for each stacked output in two lists.
  private func trimmed(_ attribute: Attribute, without unread: Set<Int>) -> Attribute {
    guard ["scan_output_axes", "scan_output_directions"].contains(attribute.name),
      case .ints(let values) = attribute.value, values.count == stackedOutputs.count
    else { return attribute }
    let kept = zip(stackedOutputs, values).filter { !unread.contains($0.0) }.map { $0.1 }
    return Attribute(attribute.name, .ints(kept))
  }
}
