import GraphIR
import Rewriting
import TensorCore

/// Looks for the constants that have to be multiplied so that a value comes out multiplied: it follows the value
/// to what computes it, through operators that are linear or only move elements, as far as weights.
///
/// On the way nothing else may read a value, except other parts of it than those that are multiplied.
struct ScaledWeights {
  /// A constant that a node is to read instead of the one that it reads.
  struct Change {
    var operand: OperandID
    var tensor: Tensor
  }

  private let model: Model
  private let graph: GraphID
  private(set) var changes: [Change] = []
  private var steps = 0

  /// Weights above this size stay: a multiplication is not worth the memory of a copy.
  private let largestWeight: Int
  /// Constants that others read are copied up to this size.
  private static let largestShared = 1 << 12
  private static let mostSteps = 32

  init(_ model: Model, in graph: GraphID, largestWeight: Int) {
    self.largestWeight = largestWeight
    self.model = model
    self.graph = graph
  }

  /// - Throws: `MatchFailure` or `TensorError` where the value cannot be had multiplied.
  mutating func multiply(_ value: ValueID, by scale: AxisScale) throws {
    guard model.hasOneUse(value) else { throw MatchFailure("others read the product's operand") }
    try multiplyProducer(of: value, by: scale)
  }

  private mutating func multiplyProducer(of value: ValueID, by scale: AxisScale) throws {
    steps += 1
    guard case .node(let node, let output) = model.definition(of: value), model.graph(of: node) == graph,
      steps <= Self.mostSteps
    else { throw MatchFailure("no weights are in reach") }
    let view = model.view(of: node)
    switch view.op.name {
    case "Transpose": try multiplyTransposed(view, by: scale)
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": try multiplyReshaped(view, by: scale)
    case "Gather": try multiplyGathered(view, by: scale)
    case "Split": try multiplySplit(view, output, by: scale)
    case "Add", "Sub": try multiplySum(view, by: scale)
    case "Mul", "Div": try multiplyProduct(view, by: scale)
    case "Neg", "Identity": try multiply(input(0, of: view), by: scale)
    case "MatMul" where !isConstant(1, of: view): try multiplyProduct(view, by: scale)
    case "MatMul", "Gemm", "Conv", "ConvTranspose": try multiplyWeights(view, by: scale)
    default: throw MatchFailure("\(view.op) is not linear")
    }
  }

  private func input(_ index: Int, of node: NodeView) throws -> ValueID {
    guard index < node.inputs.count, let input = node.inputs[index] else {
      throw MatchFailure("an input is left out")
    }
    return input
  }

  private func isConstant(_ index: Int, of node: NodeView) -> Bool {
    model.input(index, of: node.node).map { model.constant($0) != nil } ?? false
  }

  private func shape(of value: ValueID) throws -> Shape {
    guard let shape = model.shape(of: value) else { throw MatchFailure("a shape is unknown") }
    return shape
  }

  // MARK: What moves elements

  private mutating func multiplyTransposed(_ node: NodeView, by scale: AxisScale) throws {
    let input = try input(0, of: node)
    guard let axis = scale.axis else { return try multiply(input, by: scale) }
    let rank = try shape(of: input).rank
    let permutation = try node.permutation() ?? Array((0..<rank).reversed())
    guard permutation.count == rank, permutation.indices.contains(axis) else {
      throw MatchFailure("axes do not fit")
    }
    try multiply(input, by: scale.along(permutation[axis]))
  }

  private mutating func multiplyReshaped(_ node: NodeView, by scale: AxisScale) throws {
    let input = try input(0, of: node)
    if scale.isUniform { return try multiply(input, by: scale) }
    guard let before = scale.beforeReshape(from: try shape(of: input), to: try shape(of: node.output)) else {
      throw MatchFailure("factors do not lie along an axis before a reshape")
    }
    try multiply(input, by: before)
  }

  /// One index of an axis, of which the others keep their factor 1.
  private mutating func multiplyGathered(_ node: NodeView, by scale: AxisScale) throws {
    let data = try input(0, of: node)
    let axis = try selectedAxis(of: node)
    let index = try selectedIndex(of: node)
    guard scale.isUniform, let length = try shape(of: data)[axis].fixedSize,
      length <= AxisScale.mostFactors, index >= -length, index < length
    else { throw MatchFailure("the index is no part of a known axis") }
    for use in model.uses(of: data) where use.user != node.node {
      let other = model.view(of: use.user)
      guard other.op == node.op, use.index == 0, try selectedAxis(of: other) == axis,
        try (selectedIndex(of: other) - index) % length != 0
      else { throw MatchFailure("others read what is multiplied") }
    }
    var factors = [Double](repeating: 1, count: length)
    factors[index < 0 ? index + length : index] = scale.factors[0]
    try multiplyProducer(of: data, by: AxisScale(factors: factors, axis: axis))
  }

  private func selectedAxis(of gather: NodeView) throws -> Int {
    guard let axis = try shape(of: input(0, of: gather)).normalizedAxis(gather.int("axis")) else {
      throw MatchFailure("axes do not fit")
    }
    return axis
  }

  private func selectedIndex(of gather: NodeView) throws -> Int {
    guard let tensor = try model.constant(input(1, of: gather)), tensor.elementCount == 1 else {
      throw MatchFailure("the index is not one constant")
    }
    return try tensor.integers()[0]
  }

  private mutating func multiplySplit(_ node: NodeView, _ output: Int, by scale: AxisScale) throws {
    let data = try input(0, of: node)
    guard scale.isUniform, let axis = try shape(of: data).normalizedAxis(node.int("axis")) else {
      throw MatchFailure("factors lie along another axis")
    }
    var factors: [Double] = []
    for (index, part) in node.outputs.enumerated() {
      let shape = try shape(of: part)
      guard axis < shape.rank, let size = shape[axis].fixedSize, size >= 0,
        size <= AxisScale.mostFactors - factors.count
      else { throw MatchFailure("a part's size is unknown") }
      factors += [Double](repeating: index == output ? scale.factors[0] : 1, count: size)
    }
    try multiply(data, by: AxisScale(factors: factors, axis: axis))
  }

  // MARK: Sums and products

  private mutating func multiplySum(_ node: NodeView, by scale: AxisScale) throws {
    let constant = isConstant(0, of: node) ? 0 : 1
    guard isConstant(constant, of: node) else { throw MatchFailure("a summand is computed") }
    let other = try input(1 - constant, of: node)
    try requireSameRank(other, node, scale)
    try multiplyConstant(constant, of: node, by: scale)
    try multiply(other, by: scale)
  }

  /// One factor of a product, or the dividend, or one operand of a `MatMul`.
  private mutating func multiplyProduct(_ node: NodeView, by scale: AxisScale) throws {
    guard scale.isUniform || node.op.name != "MatMul" else { throw MatchFailure("factors differ") }
    let before = (changes: changes, steps: steps)
    var failure = MatchFailure("no weights are in reach")
    for index in node.op.name == "Div" ? [0] : [0, 1] where !isConstant(index, of: node) {
      do {
        let operand = try input(index, of: node)
        if node.op.name != "MatMul" { try requireSameRank(operand, node, scale) }
        return try multiply(operand, by: scale)
      } catch let reason as MatchFailure {
        failure = reason
        changes = before.changes
      }
    }
    throw failure
  }

  /// Where factors lie along an axis, it has to be the operand's as well.
  private func requireSameRank(_ operand: ValueID, _ node: NodeView, _ scale: AxisScale) throws {
    guard let axis = scale.axis else { return }
    let own = try shape(of: operand)
    guard try own.rank == shape(of: node.output).rank, axis < own.rank,
      own[axis].fixedSize == scale.factors.count
    else {
      throw MatchFailure("an operand is broadcast")
    }
  }

  private mutating func multiplyConstant(_ index: Int, of node: NodeView, by scale: AxisScale) throws {
    guard let tensor = try model.constant(input(index, of: node)) else {
      throw MatchFailure("it is computed")
    }
    let rank = scale.isUniform ? tensor.rank : try shape(of: node.output).rank
    let factors = try scale.tensor(rank: rank, tensor.elementType)
    let product = try tensor * factors
    guard product.values.count <= max(tensor.elementCount, scale.factors.count) else {
      throw MatchFailure("the product is larger than both")
    }
    try change(index, of: node, to: product.finite(as: tensor.elementType))
  }

  // MARK: Weights

  private mutating func multiplyWeights(_ node: NodeView, by scale: AxisScale) throws {
    guard let tensor = try model.constant(input(1, of: node)) else {
      throw MatchFailure("the weights are computed")
    }
    try requireChangeable(1, of: node, byteCount: tensor.byteCount)
    let weights = try LinearWeights(tensor, of: node)
    let channels = weights.channelCount
    if let axis = scale.axis {
      let rank = try shape(of: node.output).rank
      let own = node.op.name == "MatMul" ? rank - 1 : 1
      guard axis == own, scale.factors.count == channels else {
        throw MatchFailure("factors are not of channels")
      }
    }
    let factors = try RealTensor(
      tensor.elementType, [channels],
      scale.isUniform ? [Double](repeating: scale.factors[0], count: channels) : scale.factors)
    try multiplyBias(of: node, by: scale, factors)
    try change(1, of: node, to: weights.scaled(by: factors))
  }

  private mutating func multiplyBias(of node: NodeView, by scale: AxisScale, _ factors: RealTensor) throws {
    guard model.input(2, of: node.node) != nil else { return }
    guard let bias = try model.constant(input(2, of: node)) else {
      throw MatchFailure("the bias is computed")
    }
    guard node.op.name == "Gemm" || bias.dimensions == factors.dimensions else {
      throw MatchFailure("the bias has shape \(bias.dimensions)")
    }
    let product = try bias * (scale.isUniform ? RealTensor(bias.elementType, [], scale.factors) : factors)
    try change(2, of: node, to: product.finite(as: bias.elementType))
  }

  private mutating func change(_ index: Int, of node: NodeView, to tensor: Tensor) throws {
    try requireChangeable(index, of: node, byteCount: tensor.byteCount)
    changes.append(Change(operand: model.operands(of: node.node)[index], tensor: tensor))
  }

  /// To be asked before numbers are read: those of large weights would be read for nothing.
  private func requireChangeable(_ index: Int, of node: NodeView, byteCount: Int) throws {
    guard byteCount <= largestWeight else { throw MatchFailure("the weights are large") }
    guard try model.hasOneUse(input(index, of: node)) || byteCount <= Self.largestShared else {
      throw MatchFailure("others read the weights")
    }
  }
}
