import GraphIR
import TensorCore

/// What nodes have in common that do the same in two places: operator, attributes, types, and the constants that shape
/// the result. Neither names nor weights.
struct NodeStructure: Hashable {
  private var op: OperatorName
  /// Equal for equal attributes.
  private var attributes: Int
  private var constants: [Constant]
  /// Their types in words: two sizes that are not known are the same here, since they are drawn alike.
  private var outputs: [String]

  private struct Constant: Hashable {
    var position: Int
    var type: ElementType?
    var dimensions: [Int]
    /// Of short lists of integers, such as axes and shapes; scalars may be other indices.
    var elements: [Int]
  }

  private static let elementLimit = 16

  /// Nil for nodes with bodies, which are never the same.
  init?(of node: NodeID, in model: Model) {
    guard model.bodies(of: node).isEmpty else { return nil }
    op = model.operatorName(of: node)
    attributes = model.attributeHash(of: node)
    constants = model.inputs(of: node).enumerated().compactMap { position, value in
      value.flatMap { Self.constant($0, at: position, in: model) }
    }
    outputs = model.outputs(of: node).map {
      model.isOmitted($0) ? "" : model.type(of: $0)?.description ?? "?"
    }
  }

  private static func constant(_ value: ValueID, at position: Int, in model: Model) -> Constant? {
    guard model.isFoldedConstant(value) else { return nil }
    guard let tensor = model.constant(value) else {
      return Constant(position: position, type: nil, dimensions: [], elements: [])
    }
    let isShort = tensor.rank == 1 && tensor.elementCount <= elementLimit
    let tells = isShort && [.int64, .int32, .bool].contains(tensor.elementType)
    return Constant(
      position: position, type: tensor.elementType, dimensions: tensor.dimensions,
      elements: tells ? (try? tensor.integers()) ?? [] : [])
  }
}

/// Numbers for structures: equal ones have the same.
struct StructureTable {
  private struct Key: Hashable {
    var before: NodeStructure?
    var after: NodeStructure?
    var mark: Mark?
    var note: String
  }

  private struct EdgeKey: Hashable {
    var type: String
    var count: Int
    var kind: GraphPicture.EdgeKind
    var mark: Mark?
  }

  private var nodes: [Key: Int] = [:]
  private var edges: [EdgeKey: Int] = [:]

  /// - Parameters:
  ///   - before: in the older of two models; nil where the node is not shown or not there.
  mutating func number(of node: GraphPicture.Node, before: NodeStructure?, after: NodeStructure?) -> Int? {
    guard before != nil || after != nil else { return nil }
    let key = Key(before: before, after: after, mark: node.mark, note: node.note)
    return number(key, in: &nodes)
  }

  mutating func number(of edge: GraphPicture.Edge, type: String, count: Int) -> Int {
    number(EdgeKey(type: type, count: count, kind: edge.kind, mark: edge.mark), in: &edges)
  }

  private func number<Key: Hashable>(_ key: Key, in table: inout [Key: Int]) -> Int {
    if let number = table[key] { return number }
    let number = table.count
    table[key] = number
    return number
  }
}
