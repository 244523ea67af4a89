import GraphIR
import TensorCore

/// What a model costs: multiplications, weights, memory. It reads the types that the model has: infer them
/// first.
///
/// Sizes that are symbols take their value from `bindings`, and those that are not bound count as 1, as do sizes
/// that are not known; so without bindings, costs are those of one sample. Numbers saturate.
public struct CostModel: Sendable {
  /// The cost of one visit of a node.
  public struct NodeCost: Hashable, Sendable {
    /// Multiply-accumulate operations of products and convolutions. Everything else has none: `outputElements`
    /// tells its size.
    public var macs = 0
    public var outputElements = 0
    public var outputBytes = 0
    /// The elements of the weights that the node reads. A shared weight counts for each of its readers.
    public var parameters = 0
    public var weightBytes = 0
  }

  public let bindings: [String: Int]
  /// Nodes of the main graph, of all bodies and of all functions, without `Constant` nodes.
  public let nodes: Int
  /// Elements of the constants of real numbers, and of integers of at most 8 bits (quantized weights), that
  /// nodes read, each once, however many nodes read it; and the real numbers in the attributes of `ai.onnx.ml`
  /// operators (thresholds and leaves of trees, coefficients, support vectors).
  public let parameters: Int
  /// The bytes of all constants that nodes read, of whatever type, and of those attributes.
  public let weightBytes: Int
  /// For one run: an `If` counts its dearer branch, a loop's body once, or as often as a constant trip count
  /// says, a call the function's nodes.
  public let macs: Int
  /// The most bytes of inputs, outputs and intermediate values alive at one time when nodes run in order and
  /// memory is freed after the last reader, without weights. What a runtime does in place, and its own buffers,
  /// are not known.
  public let peakBytes: Int
  /// Nodes with an output of which some size is not known; symbols are.
  public let unsizedNodes: Int
  private let costs: [NodeID: NodeCost]
  private let weights: WeightTable

  public init(_ model: Model, bindings: [String: Int] = [:]) {
    let sizes = SizeReader(model: model, bindings: bindings)
    let operators = model.allNodes.filter { !model.isConstantNode($0) }
    weights = WeightTable(of: operators, in: model)
    var costs: [NodeID: NodeCost] = [:]
    for node in operators { costs[node] = Self.cost(of: node, sizes, weights) }
    var execution = ExecutionCost(model: model, sizes: sizes, costs: costs)
    self.bindings = bindings
    nodes = operators.count
    parameters = weights.total.parameters
    weightBytes = weights.total.bytes
    macs = execution.macs(of: model.mainGraph)
    peakBytes = execution.peakBytes(of: model.mainGraph)
    unsizedNodes = operators.count { sizes.isUnsized($0) }
    self.costs = costs
  }

  /// The cost of one visit; zero for `Constant` nodes and nodes that the model does not have.
  public subscript(node: NodeID) -> NodeCost { costs[node] ?? NodeCost() }

  public func macs(of node: NodeID) -> Int { self[node].macs }

  /// Of all constants that the node reads, whoever else reads them.
  public func parameters(of node: NodeID) -> Int { self[node].parameters }

  /// Of the constants that only these nodes read: what goes with them.
  public func parameters(onlyReadBy nodes: [NodeID]) -> Int { weights.exclusive(to: nodes).parameters }

  /// Bytes of the same constants.
  public func weightBytes(onlyReadBy nodes: [NodeID]) -> Int { weights.exclusive(to: nodes).bytes }

  /// `CostModel(model).macs` alone, in a fraction of the time: for one of many variants.
  public static func macs(of model: Model, bindings: [String: Int] = [:]) -> Int {
    let sizes = SizeReader(model: model, bindings: bindings)
    var costs: [NodeID: NodeCost] = [:]
    for node in model.allNodes where !model.isConstantNode(node) {
      costs[node] = NodeCost(macs: MultiplyCount.of(node, sizes))
    }
    var execution = ExecutionCost(model: model, sizes: sizes, costs: costs)
    return execution.macs(of: model.mainGraph)
  }

  private static func cost(of node: NodeID, _ sizes: SizeReader, _ weights: WeightTable) -> NodeCost {
    var cost = NodeCost(macs: MultiplyCount.of(node, sizes))
    for output in sizes.model.outputs(of: node) where !sizes.model.isOmitted(output) {
      cost.outputElements = cost.outputElements.saturatingAdd(sizes.elementCount(of: output))
      cost.outputBytes = cost.outputBytes.saturatingAdd(sizes.byteCount(of: output))
    }
    let read = weights.all(of: node)
    cost.parameters = read.parameters
    cost.weightBytes = read.bytes
    return cost
  }
}

extension Model {
  fileprivate func isConstantNode(_ node: NodeID) -> Bool {
    operatorName(of: node) == OperatorName("Constant")
  }
}
