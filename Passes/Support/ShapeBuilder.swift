import GraphIR
import TensorCore

/// Builds terms in a graph, each once, right behind the values whose sizes they read.
struct ShapeBuilder {
  private let graph: GraphID
  private let opset: Int
  /// The nodes of the graph, as it was, in order; new ones come before `order[position + 1]`.
  private let order: [NodeID]
  /// Positions of the values that terms read, −1 for inputs.
  private let positions: [ValueID: Int]
  private let ranks: [ValueID: Int]
  private var built: [Key: ValueID] = [:]

  private enum Key: Hashable {
    case term(ShapeTerm)
    case index([Int], isScalar: Bool)
  }

  init(in graph: GraphID, opset: Int, order: [NodeID], _ sources: [ShapeSynthesis.Source]) {
    self.graph = graph
    self.opset = opset
    self.order = order
    positions = Dictionary(sources.map { ($0.value, $0.position) }, uniquingKeysWith: min)
    ranks = Dictionary(sources.map { ($0.value, $0.shape.rank) }, uniquingKeysWith: { a, _ in a })
  }

  /// Where the last of the term's sources is defined.
  func position(of term: ShapeTerm) -> Int { term.sources.compactMap { positions[$0] }.max() ?? -1 }

  mutating func build(_ term: ShapeTerm, with rewriter: inout Rewriter) throws -> ValueID {
    if let value = built[.term(term)] { return value }
    let value = try make(term, with: &rewriter)
    built[.term(term)] = value
    return value
  }

  private mutating func make(_ term: ShapeTerm, with rewriter: inout Rewriter) throws -> ValueID {
    switch term {
    case .constant(let numbers):
      return rewriter.addConstant(try Tensor(int64: numbers), in: graph)
    case .sizes(let value, let start, let end):
      return try sizes(of: value, start, end, isScalar: false, term, with: &rewriter)
    case .scalar(.sizes(let value, let start, let end)) where opset < 15:
      return try sizes(of: value, start, end, isScalar: true, term, with: &rewriter)
    case .scalar(let vector):
      return insert("Squeeze", [try build(vector, with: &rewriter)], for: term, count: nil, with: &rewriter)
    case .concat(let parts):
      let values = try parts.map { try build($0, with: &rewriter) }
      return insert(
        "Concat", values, [Attribute("axis", .int(0))], for: term, count: count(of: term), with: &rewriter)
    case .arithmetic(let op, let a, let b):
      let values = [try build(a, with: &rewriter), try build(b, with: &rewriter)]
      return insert(op, values, for: term, count: count(of: term), with: &rewriter)
    }
  }

  private mutating func sizes(
    of value: ValueID, _ start: Int, _ end: Int, isScalar: Bool, _ term: ShapeTerm,
    with rewriter: inout Rewriter
  ) throws -> ValueID {
    let isWhole = start == 0 && end == ranks[value]
    if isWhole && !isScalar { return insert("Shape", [value], for: term, count: end, with: &rewriter) }
    if opset >= 15 {
      let range = [Attribute("start", .int(Int64(start))), Attribute("end", .int(Int64(end)))]
      return insert("Shape", [value], range, for: term, count: end - start, with: &rewriter)
    }
    let all = try build(.sizes(of: value, start: 0, end: ranks[value] ?? end), with: &rewriter)
    let index = try index(Array(start..<end), isScalar: isScalar, with: &rewriter)
    return insert("Gather", [all, index], for: term, count: isScalar ? nil : end - start, with: &rewriter)
  }

  private mutating func index(
    _ indices: [Int], isScalar: Bool, with rewriter: inout Rewriter
  ) throws -> ValueID {
    let key = Key.index(indices, isScalar: isScalar)
    if let value = built[key] { return value }
    let value = rewriter.addConstant(try Tensor(int64: indices, isScalar ? [] : [indices.count]), in: graph)
    built[key] = value
    return value
  }

  private func count(of term: ShapeTerm) -> Int {
    switch term {
    case .constant(let numbers): numbers.count
    case .sizes(_, let start, let end): end - start
    case .concat(let parts): parts.reduce(0) { $0 + count(of: $1) }
    case .arithmetic(_, let a, let b): max(count(of: a), count(of: b))
    case .scalar: 1
    }
  }

  /// - Parameter count: of the elements; nil for a scalar.
  private func insert(
    _ op: String, _ inputs: [ValueID], _ attributes: [Attribute] = [], for term: ShapeTerm, count: Int?,
    with rewriter: inout Rewriter
  ) -> ValueID {
    let shape = count.map { Shape(fixed: [$0]) } ?? .scalar
    let types: [ValueType?] = [.tensor(.int64, shape)]
    let next = position(of: term) + 1
    let node =
      next < order.count
      ? rewriter.insert(
        OperatorName(op), inputs: inputs, outputs: types, attributes: attributes, before: order[next])
      : rewriter.append(OperatorName(op), inputs: inputs, outputs: types, attributes: attributes, to: graph)
    return rewriter.model.outputs(of: node)[0]
  }
}
