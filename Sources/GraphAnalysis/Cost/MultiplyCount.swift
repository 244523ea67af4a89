import GraphIR
import TensorCore

/// Multiply-accumulate operations of one visit of a node.
enum MultiplyCount {
  private typealias Formula = @Sendable (NodeID, SizeReader) -> Int

  static func of(_ node: NodeID, _ sizes: SizeReader) -> Int {
    formulas[sizes.model.operatorName(of: node)]?(node, sizes) ?? 0
  }

  private static let formulas: [OperatorName: Formula] = {
    let standard: [String: Formula] = [
      "Conv": { convolution($0, $1, weight: 1) }, "ConvInteger": { convolution($0, $1, weight: 1) },
      "QLinearConv": { convolution($0, $1, weight: 3) }, "DeformConv": { convolution($0, $1, weight: 1) },
      "ConvTranspose": transposedConvolution, "Gemm": gemm, "MatMul": matrixProduct,
      "MatMulInteger": matrixProduct, "QLinearMatMul": matrixProduct, "Einsum": einsum,
      "Attention": attention, "LSTM": recurrence, "GRU": recurrence, "RNN": recurrence,
    ]
    let traditional: [String: Formula] = [
      "LinearClassifier": { coefficients($0, $1, "coefficients") },
      "LinearRegressor": { coefficients($0, $1, "coefficients") },
      "SVMClassifier": { coefficients($0, $1, "support_vectors") },
      "SVMRegressor": { coefficients($0, $1, "support_vectors") },
    ]
    let contrib: [String: Formula] = [
      "FusedMatMul": matrixProduct, "FusedConv": { convolution($0, $1, weight: 1) }, "FusedGemm": gemm,
      "MatMulNBits": matrixProduct, "MatMulIntegerToFloat": matrixProduct,
      "DynamicQuantizeMatMul": matrixProduct,
    ]
    var table: [OperatorName: Formula] = [:]
    for (domain, formulas) in [("", standard), ("ai.onnx.ml", traditional), ("com.microsoft", contrib)] {
      for (name, formula) in formulas { table[OperatorName(name, domain: domain)] = formula }
    }
    return table
  }()

  private static func product(_ sizes: some Sequence<Int>) -> Int {
    sizes.reduce(1) { $0.saturatingMultiply($1) }
  }

  private static func outputCount(_ node: NodeID, _ sizes: SizeReader) -> Int {
    sizes.model.output(0, of: node).map { sizes.elementCount(of: $0) } ?? 0
  }

  /// Each output element takes one product for each element of a filter [C/group, kernel…].
  private static func convolution(_ node: NodeID, _ sizes: SizeReader, weight: Int) -> Int {
    guard let filters = sizes.sizes(of: sizes.model.input(weight, of: node)) else { return 0 }
    return outputCount(node, sizes).saturatingMultiply(product(filters.dropFirst()))
  }

  /// Each input element goes into one product for each element of a filter [M/group, kernel…].
  @Sendable private static func transposedConvolution(_ node: NodeID, _ sizes: SizeReader) -> Int {
    guard let input = sizes.sizes(of: sizes.model.input(0, of: node)),
      let filters = sizes.sizes(of: sizes.model.input(1, of: node))
    else { return 0 }
    return product(input).saturatingMultiply(product(filters.dropFirst()))
  }

  @Sendable private static func gemm(_ node: NodeID, _ sizes: SizeReader) -> Int {
    guard let left = sizes.sizes(of: sizes.model.input(0, of: node)), left.count == 2 else { return 0 }
    let isTransposed = sizes.model.attribute("transA", of: node)?.int ?? 0 != 0
    return outputCount(node, sizes).saturatingMultiply(left[isTransposed ? 0 : 1])
  }

  @Sendable private static func matrixProduct(_ node: NodeID, _ sizes: SizeReader) -> Int {
    guard let inner = sizes.sizes(of: sizes.model.input(0, of: node))?.last else { return 0 }
    return outputCount(node, sizes).saturatingMultiply(inner)
  }

  /// The product of all labels' sizes, once for each product of two operands: without regard to a better order.
  @Sendable private static func einsum(_ node: NodeID, _ sizes: SizeReader) -> Int {
    let model = sizes.model
    let shapes = model.inputs(of: node).map { value in
      sizes.sizes(of: value).map { Shape(fixed: $0) }
    }
    guard let text = model.attribute("equation", of: node)?.string, let equation = EinsumEquation(text),
      let all = equation.sizes(of: shapes)
    else { return 0 }
    let letters = product(all.letters.values.map(sizes.number))
    let batch = product(all.ellipsis.dimensions.map(sizes.number))
    return letters.saturatingMultiply(batch).saturatingMultiply(max(shapes.count - 1, 0))
  }

  /// Scores [B, heads, S, T] from rows of depth D, and sums of T values of depth E.
  @Sendable private static func attention(_ node: NodeID, _ sizes: SizeReader) -> Int {
    let model = sizes.model
    guard let query = sizes.sizes(of: model.input(0, of: node)),
      let key = sizes.sizes(of: model.input(1, of: node)),
      let value = sizes.sizes(of: model.input(2, of: node)), query.count == key.count,
      value.count == key.count,
      query.count == 3 || query.count == 4
    else { return 0 }
    let past = model.input(4, of: node).flatMap { sizes.sizes(of: $0) }.flatMap {
      $0.count == 4 ? $0[2] : nil
    }
    let total = key[key.count - 2].saturatingAdd(past ?? 0)
    let heads = query.count == 4 ? query[1] : max(model.attribute("q_num_heads", of: node)?.int ?? 1, 1)
    let valueHeads = query.count == 4 ? 1 : max(model.attribute("kv_num_heads", of: node)?.int ?? 1, 1)
    let queryWidth = query.count == 4 ? query[1].saturatingMultiply(query[3]) : query[2]
    let valueWidth = (value[value.count - 1] / valueHeads).saturatingMultiply(heads)
    return product([query[0], query[query.count - 2], total])
      .saturatingMultiply(queryWidth.saturatingAdd(valueWidth))
  }

  /// In every step the weights [directions, gates·hidden, …] of input and state are used once per sample.
  @Sendable private static func recurrence(_ node: NodeID, _ sizes: SizeReader) -> Int {
    let model = sizes.model
    guard let input = sizes.sizes(of: model.input(0, of: node)), input.count == 3,
      let weights = sizes.sizes(of: model.input(1, of: node)),
      let recurrent = sizes.sizes(of: model.input(2, of: node))
    else { return 0 }
    return input[0].saturatingMultiply(input[1])
      .saturatingMultiply(product(weights).saturatingAdd(product(recurrent)))
  }

  /// Each sample is multiplied with all numbers of an attribute.
  private static func coefficients(_ node: NodeID, _ sizes: SizeReader, _ attribute: String) -> Int {
    let model = sizes.model
    guard let input = sizes.sizes(of: model.input(0, of: node)),
      let values = model.attribute(attribute, of: node)?.floats
    else { return 0 }
    return (input.count > 1 ? input[0] : 1).saturatingMultiply(values.count)
  }
}
