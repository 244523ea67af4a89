import GraphIR
import LinearAlgebra
import TensorCore

/// The last linear layer before a model's scores: y = x·w + b, with x the features of a sample.
///
/// Fitting it again to the original's outputs repairs much of what a removal breaks, without training.
struct LinearHead: Sendable {
  /// [samples, features]
  let features: ValueID
  /// [samples, classes], before any normalization.
  let output: ValueID
  /// [features, classes], or its transpose.
  let weight: ValueID
  let isWeightTransposed: Bool
  /// The node that reads the weight, and the input slot at which it reads the bias, if it can have one.
  let node: NodeID
  let bias: ValueID?
  let biasNode: NodeID

  /// Follows the scores up through operators that only rescale or rearrange them.
  static func find(above scores: ValueID, in model: Model) -> LinearHead? {
    var value = scores
    for _ in 0..<16 {
      guard let node = model.producer(of: value), model.operatorName(of: node).isStandard else { return nil }
      switch model.operatorName(of: node).name {
      case "Softmax", "LogSoftmax", "Sigmoid", "Identity", "Cast", "Flatten", "Squeeze", "Clip":
        guard let input = model.input(0, of: node) else { return nil }
        value = input
      case "Gemm": return gemm(node, in: model)
      case "Add": return addedBias(node, in: model)
      case "MatMul": return matMul(node, output: value, bias: nil, biasNode: node, in: model)
      default: return nil
      }
    }
    return nil
  }

  private static func gemm(_ node: NodeID, in model: Model) -> LinearHead? {
    let isPlain =
      (model.attribute("alpha", of: node)?.float ?? 1) == 1
      && (model.attribute("beta", of: node)?.float ?? 1) == 1
      && (model.attribute("transA", of: node)?.int ?? 0) == 0
    guard isPlain, let features = model.input(0, of: node), let weight = model.input(1, of: node),
      let output = model.output(0, of: node), isFloatMatrix(weight, in: model)
    else { return nil }
    let isTransposed = (model.attribute("transB", of: node)?.int ?? 0) != 0
    let bias = model.input(2, of: node)
    if let bias, !isBias(bias, of: weight, isTransposed: isTransposed, in: model) { return nil }
    return LinearHead(
      features: features, output: output, weight: weight,
      isWeightTransposed: isTransposed, node: node, bias: bias, biasNode: node)
  }

  private static func addedBias(_ node: NodeID, in model: Model) -> LinearHead? {
    for index in 0..<2 {
      guard let bias = model.input(index, of: node), model.constant(bias) != nil,
        let product = model.input(1 - index, of: node), let matMulNode = model.producer(of: product),
        model.operatorName(of: matMulNode) == OperatorName("MatMul"), let output = model.output(0, of: node)
      else { continue }
      return matMul(matMulNode, output: output, bias: bias, biasNode: node, in: model)
    }
    return nil
  }

  private static func matMul(
    _ node: NodeID, output: ValueID, bias: ValueID?, biasNode: NodeID, in model: Model
  ) -> LinearHead? {
    guard let features = model.input(0, of: node), model.shape(of: features)?.rank == 2,
      let weight = model.input(1, of: node), isFloatMatrix(weight, in: model)
    else { return nil }
    if let bias, !isBias(bias, of: weight, isTransposed: false, in: model) { return nil }
    return LinearHead(
      features: features, output: output, weight: weight, isWeightTransposed: false, node: node, bias: bias,
      biasNode: biasNode)
  }

  /// Whether the constant adds the same to every sample: one number, or one for each class.
  private static func isBias(
    _ value: ValueID, of weight: ValueID, isTransposed: Bool, in model: Model
  ) -> Bool {
    guard let tensor = model.constant(value), let sizes = model.constant(weight)?.dimensions else {
      return false
    }
    let classes = sizes[isTransposed ? 0 : 1]
    if tensor.elementCount == 1 { return tensor.rank <= 2 }
    return tensor.dimensions == [classes] || tensor.dimensions == [1, classes]
  }

  private static func isFloatMatrix(_ value: ValueID, in model: Model) -> Bool {
    guard let tensor = model.constant(value) else { return false }
    return tensor.rank == 2 && tensor.elementType == .float32
  }
}

extension LinearHead {
  /// w as [features, classes] and b, in Double.
  func parameters(in model: Model) throws -> LinearMap {
    guard let tensor = model.constant(weight) else {
      throw ModelError("the weight of the last layer is no constant")
    }
    let (rows, columns) = (tensor.dimensions[0], tensor.dimensions[1])
    let map = Matrix(rows: rows, columns: columns, try tensor.doubles())
    let weights = isWeightTransposed ? map.transposed : map
    let bias = try bias.flatMap { model.constant($0) }?.doubles() ?? []
    return LinearMap(
      weights: weights,
      bias: (0..<weights.columns).map { bias.isEmpty ? 0 : bias[min($0, bias.count - 1)] })
  }

  /// Writes new parameters into the model. A layer without a bias gets one: a product an `Add` behind it.
  func setParameters(_ map: LinearMap, in model: inout Model) throws {
    let matrix = isWeightTransposed ? map.weights.transposed : map.weights
    let weightTensor = try Tensor(.float32, rounding: matrix.values, [matrix.rows, matrix.columns])
    let biasTensor = try Tensor(.float32, rounding: map.bias, [map.bias.count])
    let biasOperand = bias.flatMap { bias in
      zip(model.inputs(of: biasNode), model.operands(of: biasNode)).first { $0.0 == bias }?.1
    }
    try model.edit(as: "refit-last-layer") { rewriter in
      let graph = rewriter.model.graph(of: node)
      let newWeight = rewriter.addConstant(weightTensor, name: rewriter.model.name(of: weight), in: graph)
      rewriter.set(rewriter.model.operands(of: node)[1], to: newWeight)
      if let biasOperand {
        rewriter.set(biasOperand, to: rewriter.addConstant(biasTensor, in: graph))
      } else if rewriter.model.operatorName(of: node).name == "Gemm" {
        let inputs = Array(rewriter.model.inputs(of: node).prefix(2))
        rewriter.setInputs(of: node, to: inputs + [rewriter.addConstant(biasTensor, in: graph)])
      } else {
        try addBias(biasTensor, with: &rewriter)
      }
    }
  }

  private func addBias(_ tensor: Tensor, with rewriter: inout Rewriter) throws {
    let graph = rewriter.model.graph(of: node)
    let constant = rewriter.addConstant(tensor, in: graph)
    let type = rewriter.model.type(of: output)
    let add =
      rewriter.model.node(after: node).map {
        rewriter.insert(OperatorName("Add"), inputs: [nil, constant], outputs: [type], before: $0)
      } ?? rewriter.append(OperatorName("Add"), inputs: [nil, constant], outputs: [type], to: graph)
    try rewriter.replaceAllUses(of: output, with: rewriter.model.outputs(of: add)[0])
    // Only now does the sum read the product: before, it would have come to read itself.
    rewriter.setInputs(of: add, to: [output, constant])
  }
}
