import GraphIR
import TensorCore

/// The operators that run bodies.
enum ControlFlow: String, CaseIterable {
  case conditional = "If"
  case loop = "Loop"
  case scan = "Scan"
  case map = "SequenceMap"

  init?(_ name: String) {
    self.init(rawValue: name)
  }
}

extension InferenceWalk {
  mutating func infer(_ kind: ControlFlow, _ node: NodeID) -> [ValueType?] {
    switch kind {
    case .conditional: inferConditional(node)
    case .loop: inferLoop(node)
    case .scan: inferScan(node)
    case .map: inferMap(node)
    }
  }

  private func body(_ attribute: String, of node: NodeID) -> GraphID? {
    model.attribute(attribute, of: node)?.bodies.first
  }

  // MARK: If

  /// What both branches have in common, or the types of the one that a known condition takes.
  private mutating func inferConditional(_ node: NodeID) -> [ValueType?] {
    guard let thenBody = body("then_branch", of: node), let elseBody = body("else_branch", of: node)
    else { return [] }
    infer(thenBody)
    infer(elseBody)
    let thenTypes = model.outputs(of: thenBody).map { type(of: $0) }
    let elseTypes = model.outputs(of: elseBody).map { type(of: $0) }
    switch model.input(0, of: node).flatMap({ knownElements(of: $0) })?.first {
    case .fixed(0): return elseTypes
    case .fixed: return thenTypes
    default: return zip(thenTypes, elseTypes).map { a, b in a.flatMap { a in b.flatMap(a.joined) } }
    }
  }

  /// The elements that results of both branches have, or of the one that a known condition takes.
  mutating func propagateElements(ofConditional node: NodeID) {
    guard let thenBody = body("then_branch", of: node), let elseBody = body("else_branch", of: node) else {
      return
    }
    let condition = model.input(0, of: node).flatMap { knownElements(of: $0) }?.first?.fixedSize
    let sides = zip(model.outputs(of: thenBody), model.outputs(of: elseBody))
    for (value, side) in zip(model.outputs(of: node), sides) where !model.isOmitted(value) {
      let (a, b) = (knownElements(of: side.0), knownElements(of: side.1))
      let known = condition.map { $0 != 0 ? a : b } ?? (a == b ? a : nil)
      set(known, as: value)
    }
  }

  // MARK: Loop

  private mutating func inferLoop(_ node: NodeID) -> [ValueType?] {
    guard let body = body("body", of: node) else { return [] }
    let parameters = model.inputs(of: body)
    let initial = model.inputs(of: node).dropFirst(2).map { $0.flatMap { type(of: $0) } }
    guard parameters.count == initial.count + 2 else { return [] }
    set(parameters[0], type: .tensor(.int64, counterShape(parameters[0])), elements: nil)
    // The body is entered only while the condition holds.
    set(parameters[1], type: .tensor(.bool, counterShape(parameters[1])), elements: [1])
    let results = inferRounds(
      of: body, states: Array(parameters.dropFirst(2)), initial: initial, firstResult: 1)
    guard let results else { return [] }
    let length = loopLength(node, body: body)
    let scanned = model.outputs(of: body).dropFirst(1 + initial.count).map { value -> ValueType? in
      guard case .tensor(let type)? = self.type(of: value) else { return nil }
      return .tensor(type.elementType, type.shape.map { Shape([length] + $0.dimensions) })
    }
    return results + scanned
  }

  /// The body gets its iteration number and condition as scalars, or as vectors where it says so.
  private func counterShape(_ parameter: ValueID) -> Shape {
    model.shape(of: parameter)?.rank == 1 ? Shape([1]) : .scalar
  }

  /// How often the body runs: the trip count, where the condition holds from the beginning and ever after.
  private func loopLength(_ node: NodeID, body: GraphID) -> Dimension {
    let inputs = model.inputs(of: node)
    let beginning = inputs.count > 1 ? inputs[1] : nil
    guard let condition = model.outputs(of: body).first, knownElements(of: condition) == [1],
      beginning.map({ knownElements(of: $0) == [1] }) ?? true,
      let count = inputs.first.flatMap({ $0 }).flatMap({ knownElements(of: $0) }), count.count == 1
    else { return .unknown }
    return count[0].isKnownNonNegative ? count[0] : count[0].maximum(0)
  }

  /// Visits a body until its states enter and leave with the same types, which are returned; sizes that
  /// change from round to round become unknown on the way.
  private mutating func inferRounds(
    of body: GraphID, states: [ValueID], initial: [ValueType?], firstResult: Int
  ) -> [ValueType?]? {
    let results = model.outputs(of: body).dropFirst(firstResult).prefix(states.count)
    guard results.count == states.count else { return nil }
    var entering = initial
    for round in 1...InferenceLimits.maximumBodyRounds {
      for (state, type) in zip(states, entering) { set(state, type: type, elements: nil) }
      infer(body)
      let joined = zip(entering, results.map { type(of: $0) }).map { entering, leaving in
        entering.flatMap { entering in leaving.flatMap(entering.joined) }
      }
      if joined == entering { return joined }
      let isLast = round >= InferenceLimits.maximumBodyRounds - 1
      entering = isLast ? joined.map { _ in nil } : joined
    }
    return entering
  }

  // MARK: SequenceMap

  /// The body gets one element of each sequence, and tensors as they are; its results become sequences.
  private mutating func inferMap(_ node: NodeID) -> [ValueType?] {
    guard let body = body("body", of: node) else { return [] }
    let inputs = model.inputs(of: node)
    for (index, parameter) in model.inputs(of: body).enumerated() {
      let type = (index < inputs.count ? inputs[index] : nil).flatMap { self.type(of: $0) }
      if case .sequence(let element)? = type {
        set(parameter, type: element, elements: nil)
      } else {
        set(parameter, type: type, elements: nil)
      }
    }
    infer(body)
    return model.outputs(of: body).map { value in type(of: value).map { .sequence($0) } }
  }

  // MARK: Scan

  private mutating func inferScan(_ node: NodeID) -> [ValueType?] {
    // Before version 9, operands had a batch axis in front.
    guard let body = body("body", of: node), model.opset("", in: model.graph(of: node)) ?? 9 >= 9,
      let scanCount = model.attribute("num_scan_inputs", of: node)?.int
    else { return [] }
    let inputs = model.inputs(of: node)
    let parameters = model.inputs(of: body)
    guard scanCount > 0, scanCount <= inputs.count, parameters.count == inputs.count else { return [] }
    let stateCount = inputs.count - scanCount
    let length = setScanned(
      Array(inputs.dropFirst(stateCount)), as: Array(parameters.dropFirst(stateCount)), of: node)
    let initial = inputs.prefix(stateCount).map { $0.flatMap { type(of: $0) } }
    let states = inferRounds(
      of: body, states: Array(parameters.prefix(stateCount)), initial: initial, firstResult: 0)
    guard let states else { return [] }
    let axes = model.attribute("scan_output_axes", of: node)?.ints ?? []
    let scanned = model.outputs(of: body).dropFirst(stateCount).enumerated().map { index, value in
      stacked(type(of: value), length: length, axis: index < axes.count ? axes[index] : 0)
    }
    return states + scanned
  }

  /// Gives the body's parameters the types of slices; returns the number of steps.
  private mutating func setScanned(
    _ inputs: [ValueID?], as parameters: [ValueID], of node: NodeID
  ) -> Dimension {
    let axes = model.attribute("scan_input_axes", of: node)?.ints ?? []
    var length = Dimension.unknown
    for (index, parameter) in parameters.enumerated() {
      let type = inputs[index].flatMap { self.type(of: $0) }?.tensorType
      let requested = index < axes.count ? axes[index] : 0
      guard let type, let shape = type.shape, let axis = shape.normalizedAxis(requested) else {
        set(parameter, type: type.map { .tensor($0.elementType, nil) }, elements: nil)
        continue
      }
      length = length.refined(by: shape[axis])
      set(parameter, type: .tensor(type.elementType, shape.removing(axis)), elements: nil)
    }
    return length
  }

  private func stacked(_ type: ValueType?, length: Dimension, axis: Int) -> ValueType? {
    guard case .tensor(let slice)? = type else { return nil }
    guard let shape = slice.shape else { return .tensor(slice.elementType, nil) }
    let rank = shape.rank + 1
    guard axis >= -rank, axis < rank else { return .tensor(slice.elementType, nil) }
    var sizes = shape.dimensions
    sizes.insert(length, at: axis < 0 ? axis + rank : axis)
    return .tensor(slice.elementType, Shape(sizes))
  }
}
