import GraphIR
import TensorCore

/// Elements and bytes of weights.
struct WeightCount: Sendable {
  private(set) var parameters = 0
  private(set) var bytes = 0

  mutating func add(_ other: WeightCount) {
    parameters = parameters.saturatingAdd(other.parameters)
    bytes = bytes.saturatingAdd(other.bytes)
  }

  fileprivate mutating func add(_ tensor: Tensor) {
    if tensor.elementType.isWeightType { parameters = parameters.saturatingAdd(tensor.elementCount) }
    bytes = bytes.saturatingAdd(tensor.byteCount)
  }

  fileprivate mutating func add(reals count: Int) {
    parameters = parameters.saturatingAdd(count)
    bytes = bytes.saturatingAdd(count.saturatingMultiply(4))
  }

  fileprivate mutating func add(integers count: Int) {
    bytes = bytes.saturatingAdd(count.saturatingMultiply(8))
  }
}

/// Which weights each node reads.
struct WeightTable: Sendable {
  private var countOfValue: [ValueID: WeightCount] = [:]
  private var readersOfValue: [ValueID: Int] = [:]
  private var valuesOfNode: [NodeID: [ValueID]] = [:]
  private var attributesOfNode: [NodeID: WeightCount] = [:]
  /// Each weight once.
  private(set) var total = WeightCount()

  init(of nodes: [NodeID], in model: Model) {
    for node in nodes {
      let attributes = model.attributeWeights(of: node)
      if attributes.bytes > 0 { attributesOfNode[node] = attributes }
      total.add(attributes)
      for value in Set(model.inputs(of: node).compactMap { $0 }).sorted() {
        add(value, readBy: node, in: model)
      }
    }
  }

  private mutating func add(_ value: ValueID, readBy node: NodeID, in model: Model) {
    if countOfValue[value] == nil {
      guard let count = model.weightCount(of: value) else { return }
      countOfValue[value] = count
      total.add(count)
    }
    readersOfValue[value, default: 0] += 1
    valuesOfNode[node, default: []].append(value)
  }

  /// What the node reads, whoever else reads it.
  func all(of node: NodeID) -> WeightCount {
    var count = attributesOfNode[node] ?? WeightCount()
    for value in valuesOfNode[node] ?? [] { count.add(countOfValue[value] ?? WeightCount()) }
    return count
  }

  /// What no other node reads.
  func exclusive(to nodes: [NodeID]) -> WeightCount {
    var count = WeightCount()
    var readers: [ValueID: Int] = [:]
    for node in nodes {
      count.add(attributesOfNode[node] ?? WeightCount())
      for value in valuesOfNode[node] ?? [] {
        readers[value, default: 0] += 1
        if readers[value] == readersOfValue[value] { count.add(countOfValue[value] ?? WeightCount()) }
      }
    }
    return count
  }
}

extension ElementType {
  /// Real numbers, and the integers that stand for them in quantized models.
  fileprivate var isWeightType: Bool {
    isFloatingPoint || isInteger && bitWidth <= 8
  }
}

extension Model {
  /// Nil for values that are computed or given by the caller without a default.
  fileprivate func weightCount(of value: ValueID) -> WeightCount? {
    guard let tensor = constant(value) ?? denseTensor(of: value) ?? sparseTensor(of: value)?.values.tensor
    else { return nil }
    var count = WeightCount()
    count.add(tensor)
    return count
  }

  /// What operators of traditional models hold in their attributes.
  fileprivate func attributeWeights(of node: NodeID) -> WeightCount {
    var count = WeightCount()
    guard operatorName(of: node).domain == "ai.onnx.ml" else { return count }
    for attribute in attributes(of: node) {
      switch attribute.value {
      case .floats(let values): count.add(reals: values.count)
      case .ints(let values): count.add(integers: values.count)
      case .tensor(let tensor): count.add(tensor.tensor)
      default: break
      }
    }
    return count
  }
}
