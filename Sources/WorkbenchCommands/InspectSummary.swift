import GraphAnalysis
import GraphIR
import TensorCore

/// What `inspect` tells of a model.
struct InspectSummary: Encodable {
  let file: String
  let irVersion: Int
  let producer: String
  let opsets: [Opset]
  let inputs: [Value]
  let outputs: [Value]
  let symbolicSizes: [SymbolicSize]
  /// Of inputs and outputs, as in `x[0]`.
  let unknownSizes: [String]
  let nodes: Int
  let parameters: Int
  let weightBytes: Int
  let macs: Int
  /// The most bytes of inputs, outputs and values between them alive at one time, nodes run in the order of the file.
  let peakActivationBytes: Int
  let operators: [Row]
  let quantization: Quantization
  let unknownTypes: Int
  /// Nodes that have a result of which a size is not known, and counts as 1.
  let unsizedNodes: Int

  /// - Parameters:
  ///   - model: with types.
  ///   - sizes: of symbols; others are 1.
  init(_ model: Model, file: String, sizes: [String: Int]) {
    let costs = CostModel(model, bindings: sizes)
    let graph = model.mainGraph
    self.file = file
    irVersion = model.header.irVersion
    producer = [model.header.producerName, model.header.producerVersion].filter { !$0.isEmpty }
      .joined(separator: " ")
    opsets = model.header.opsetImports.map {
      Opset(domain: $0.domain.isEmpty ? "ai.onnx" : $0.domain, version: $0.version)
    }
    inputs = model.inputs(of: graph).map { Value($0, model) }
    outputs = model.outputs(of: graph).map { Value($0, model) }
    let axes = OpenAxes(of: model)
    symbolicSizes = axes.symbols.map {
      SymbolicSize(name: $0.name, value: sizes[$0.name] ?? 1, axes: $0.axes)
    }
    unknownSizes = axes.unknown
    nodes = costs.nodes
    parameters = costs.parameters
    weightBytes = costs.weightBytes
    macs = costs.macs
    peakActivationBytes = costs.peakBytes
    operators = Row.rows(of: model, costs)
    quantization = Quantization(QuantizationState(model, costs))
    unknownTypes = model.allNodes.flatMap { model.outputs(of: $0) }
      .count { !model.isOmitted($0) && model.type(of: $0) == nil }
    unsizedNodes = costs.unsizedNodes
  }

  struct Opset: Encodable {
    let domain: String
    let version: Int
  }

  struct Value: Encodable {
    let name: String
    let type: String

    init(_ value: ValueID, _ model: Model) {
      name = model.name(of: value)
      type = model.type(of: value)?.description ?? "unknown"
    }
  }

  struct SymbolicSize: Encodable {
    let name: String
    /// With which costs were counted.
    let value: Int
    /// Of inputs and outputs.
    let axes: [String]
  }

  struct Row: Encodable {
    let name: String
    var nodes = 0
    /// Weights that nodes share count once in the total, and for each operator that reads them.
    var parameters = 0
    var macs = 0

    /// Sorted by number of nodes, then by name.
    static func rows(of model: Model, _ costs: CostModel) -> [Row] {
      var rows: [OperatorName: Row] = [:]
      for node in model.allNodes where model.operatorName(of: node) != OperatorName("Constant") {
        let op = model.operatorName(of: node)
        var row = rows[op] ?? Row(name: op.description)
        row.nodes += 1
        row.parameters = saturatingSum(row.parameters, costs.parameters(of: node))
        row.macs = saturatingSum(row.macs, costs.macs(of: node))
        rows[op] = row
      }
      return rows.values.sorted { $0.nodes != $1.nodes ? $0.nodes > $1.nodes : $0.name < $1.name }
    }
  }

  /// What costs say may be all that a number holds.
  private static func saturatingSum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  /// Of convolutions and products.
  struct Quantization: Encodable {
    let layers: Int
    let quantizedLayers: Int
    let precisions: [Precision]

    struct Precision: Encodable {
      let weights: String
      let form: String
      let nodes: Int
      let nodeShare: Double
      let macs: Int
      let macShare: Double
    }

    init(_ state: QuantizationState) {
      layers = state.nodes
      quantizedLayers = state.quantizedNodes
      precisions = state.shares.map { share in
        Precision(
          weights: share.precision.weights, form: share.precision.form.rawValue, nodes: share.nodes,
          nodeShare: Double(share.nodes) / Double(max(state.nodes, 1)), macs: share.macs,
          macShare: Double(share.macs) / Double(max(state.macs, 1)))
      }
    }
  }
}

/// Axes of inputs and outputs whose size the model leaves open.
struct OpenAxes {
  /// In the order in which they come.
  private(set) var symbols: [(name: String, axes: [String])] = []
  private(set) var unknown: [String] = []

  /// - Parameter model: its main graph.
  init(of model: Model) {
    let graph = model.mainGraph
    for value in model.inputs(of: graph) + model.outputs(of: graph) {
      guard let shape = model.shape(of: value) else { continue }
      for (axis, size) in shape.dimensions.enumerated() { add(size, "\(model.name(of: value))[\(axis)]") }
    }
  }

  private mutating func add(_ size: Dimension, _ axis: String) {
    if size.isUnknown { unknown.append(axis) }
    guard case .symbolic(let expression) = size else { return }
    for name in expression.symbols {
      if let index = symbols.firstIndex(where: { $0.name == name }) {
        if symbols[index].axes.last != axis { symbols[index].axes.append(axis) }
      } else {
        symbols.append((name: name, axes: [axis]))
      }
    }
  }
}
