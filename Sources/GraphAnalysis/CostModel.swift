import GraphIR
import TensorCore

/// What a model costs: work, parameters, bytes. Symbolic sizes take the values of `bindings`, or 1; so without
/// bindings, costs are those of one sample. Unknown sizes count as 1.
public struct CostModel: Sendable {
  /// Operators of all graphs, without constants.
  public let nodes: Int
  /// Elements of floating-point constants that nodes read, each constant once, and of tree ensembles' tables.
  public let parameters: Int
  /// Multiply-accumulates: convolutions, matrix products, recurrent cells; everything else counts none.
  public let macs: Int
  private let macsByNode: [Int]
  private let parametersByValue: [ValueID: Int]
  private let model: Model

  public init(_ model: Model, bindings: [String: Int] = [:]) {
    self.model = model
    let sizes = SizeReader(model: model, bindings: bindings)
    var macsByNode = [Int](repeating: 0, count: (model.allNodes.map(\.index).max() ?? -1) + 1)
    var parametersByValue: [ValueID: Int] = [:]
    var own = 0
    var nodes = 0
    for node in model.allNodes where model.operatorName(of: node) != OperatorName("Constant") {
      nodes += 1
      macsByNode[node.index] = sizes.macs(of: node)
      own = saturatingSum(own, Self.ownParameters(of: node, in: model))
      for case let value? in model.inputs(of: node) where parametersByValue[value] == nil {
        guard let tensor = model.constant(value), tensor.elementType.isFloatingPoint else { continue }
        parametersByValue[value] = tensor.elementCount
      }
    }
    self.nodes = nodes
    self.macsByNode = macsByNode
    self.parametersByValue = parametersByValue
    macs = macsByNode.reduce(0, saturatingSum)
    parameters = parametersByValue.values.reduce(own, saturatingSum)
  }

  public func macs(of node: NodeID) -> Int {
    node.index < macsByNode.count ? macsByNode[node.index] : 0
  }

  /// Of all constants that the node reads, whoever else reads them.
  public func parameters(of node: NodeID) -> Int {
    let read = Set(model.inputs(of: node).compactMap { $0 })
    return read.reduce(Self.ownParameters(of: node, in: model)) {
      saturatingSum($0, parametersByValue[$1] ?? 0)
    }
  }

  /// Of constants that only these nodes read: what goes with them.
  public func parameters(onlyReadBy nodes: [NodeID]) -> Int {
    let readers = Set(nodes)
    let read = Set(nodes.flatMap { model.inputs(of: $0).compactMap { $0 } })
    let going = read.filter { value in model.uses(of: value).allSatisfy { readers.contains($0.user) } }
    let own = nodes.reduce(0) { saturatingSum($0, Self.ownParameters(of: $1, in: model)) }
    return going.reduce(own) { saturatingSum($0, parametersByValue[$1] ?? 0) }
  }

  /// Tree ensembles and linear models of ai.onnx.ml keep their numbers in attributes.
  private static func ownParameters(of node: NodeID, in model: Model) -> Int {
    guard model.operatorName(of: node).domain == "ai.onnx.ml" else { return 0 }
    return model.attributes(of: node).reduce(0) { sum, attribute in
      saturatingSum(sum, attribute.value.floats?.count ?? attribute.value.tensor?.elementCount ?? 0)
    }
  }
}

/// Sizes of a model as numbers, and the work that follows from them.
private struct SizeReader {
  let model: Model
  let bindings: [String: Int]

  func macs(of node: NodeID) -> Int {
    switch model.operatorName(of: node).name {
    case "Conv": convolution(node, elementsOf: model.output(0, of: node), channelAxis: 0)
    case "ConvTranspose": convolution(node, elementsOf: model.input(0, of: node), channelAxis: 0)
    case "QLinearConv", "ConvInteger":
      convolution(node, elementsOf: model.output(0, of: node), channelAxis: 0)
    case "MatMul", "MatMulInteger", "QLinearMatMul", "FusedMatMul": matrixProduct(node, axisFromEnd: 1)
    case "Gemm": matrixProduct(node, axisFromEnd: (model.attribute("transA", of: node)?.int ?? 0) == 0 ? 1 : 2)
    case "LSTM": recurrent(node, gates: 4)
    case "GRU": recurrent(node, gates: 3)
    case "RNN": recurrent(node, gates: 1)
    default: 0
    }
  }

  /// Every output element (for the transposed form: input element) meets the weights of its channel.
  private func convolution(_ node: NodeID, elementsOf value: ValueID?, channelAxis: Int) -> Int {
    let isQuantized = model.operatorName(of: node).name == "QLinearConv"
    guard let value, let weight = model.input(isQuantized ? 3 : 1, of: node),
      let shape = model.shape(of: weight), shape.rank > channelAxis
    else { return 0 }
    let perChannel = elements(of: weight) / max(size(shape[channelAxis]), 1)
    return saturatingProduct(elements(of: value), perChannel)
  }

  private func matrixProduct(_ node: NodeID, axisFromEnd: Int) -> Int {
    guard let left = model.input(0, of: node), let output = model.output(0, of: node),
      let shape = model.shape(of: left), shape.rank >= axisFromEnd
    else { return 0 }
    return saturatingProduct(elements(of: output), size(shape[shape.rank - axisFromEnd]))
  }

  /// x is [steps, batch, input], r is [directions, gates · hidden, hidden].
  private func recurrent(_ node: NodeID, gates: Int) -> Int {
    guard let x = model.input(0, of: node).flatMap({ model.shape(of: $0) }), x.rank == 3,
      let r = model.input(2, of: node).flatMap({ model.shape(of: $0) }), r.rank == 3
    else { return 0 }
    let cell = saturatingProduct(
      saturatingProduct(size(r[0]), saturatingProduct(gates, size(r[2]))),
      saturatingSum(size(x[2]), size(r[2])))
    return saturatingProduct(cell, saturatingProduct(size(x[0]), size(x[1])))
  }

  private func elements(of value: ValueID) -> Int {
    model.shape(of: value).map { $0.dimensions.reduce(1) { saturatingProduct($0, size($1)) } } ?? 1
  }

  private func size(_ dimension: Dimension) -> Int {
    guard let expression = dimension.expression else { return 1 }
    var values = bindings
    for symbol in expression.symbols where values[symbol] == nil { values[symbol] = 1 }
    return max(expression.evaluated(with: values) ?? 1, 0)
  }
}

private func saturatingSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}

private func saturatingProduct(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}
