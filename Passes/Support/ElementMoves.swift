import GraphIR
import Rewriting
import TensorCore

/// What a node does that gives elements of its first input in another order, or some of them, or some more than once.
enum ElementMove {
  /// Only the shape changes.
  case reshape
  case transpose(order: [Int])
  case select(axis: Int, indices: [Int])

  /// The axes of the input within which elements move.
  var axes: Range<Int> {
    switch self {
    case .reshape: 0..<0
    case .transpose(let order):
      (order.indices.first { order[$0] != $0 } ?? 0)..<((order.indices.last { order[$0] != $0 } ?? -1) + 1)
    case .select(let axis, _): axis..<axis + 1
    }
  }

  /// Whether the result has elements, and not too many, where the input has these sizes.
  fileprivate func isSmall(in sizes: [Int], from first: Int) -> Bool {
    guard case .select(let axis, let indices) = self else { return true }
    let size = sizes.reduce(1, *) / sizes[axis - first] * indices.count
    return size > 0 && size <= ElementMoves.limit
  }

  /// Where the elements of the result stand in a tensor with these sizes, in row-major order.
  /// - Parameter first: the axis that `sizes` begin with.
  fileprivate func sources(in sizes: [Int], from first: Int) -> [Int] {
    switch self {
    case .reshape: return Array(0..<sizes.reduce(1, *))
    case .select(let axis, let indices):
      let inner = sizes[(axis - first + 1)...].reduce(1, *)
      let outer = sizes[..<(axis - first)].reduce(1, *)
      let size = sizes[axis - first]
      return (0..<outer).flatMap { outer in
        indices.flatMap { index in (0..<inner).map { (outer * size + index) * inner + $0 } }
      }
    case .transpose(let order):
      var sources = [0]
      for axis in order[first..<first + sizes.count].map({ $0 - first }) {
        let stride = sizes[(axis + 1)...].reduce(1, *)
        sources = sources.flatMap { source in (0..<sizes[axis]).map { source + $0 * stride } }
      }
      return sources
    }
  }
}

/// A node that moves elements, with what it reads and gives.
struct MovingNode {
  var move: ElementMove
  var source: ValueID
  var input: Shape
  var output: Shape
}

extension Match {
  /// The node as a move; nil for other operators, and where shapes or indices are unknown.
  func elementMove(of node: NodeView) throws -> MovingNode? {
    guard let source = node.inputs.first ?? nil, let input = model.shape(of: source),
      node.outputs.count == 1, let output = node.outputShape, let move = try move(of: node, input, output)
    else { return nil }
    return MovingNode(move: move, source: source, input: input, output: output)
  }

  private func move(of node: NodeView, _ input: Shape, _ output: Shape) throws -> ElementMove? {
    guard node.op.domain.isEmpty else { return nil }
    switch node.op.name {
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return .reshape
    case "Transpose":
      let order = try node.permutation() ?? Array((0..<input.rank).reversed())
      return order.count == input.rank ? .transpose(order: order) : nil
    case "Gather", "Slice":
      return try axisPart(of: node.output).map { .select(axis: $0.axis, indices: $0.indices) }
    case "Expand": return repetition(input, output)
    default: return nil
    }
  }

  /// One axis of size 1 that is repeated.
  private func repetition(_ input: Shape, _ output: Shape) -> ElementMove? {
    guard input.rank == output.rank else { return nil }
    let changed = (0..<input.rank).filter { !input[$0].isKnownEqual(to: output[$0]) }
    guard changed.count == 1, input[changed[0]] == .fixed(1), let count = output[changed[0]].fixedSize,
      count > 0, count <= ElementMoves.limit
    else { return nil }
    return .select(axis: changed[0], indices: [Int](repeating: 0, count: count))
  }
}

/// Moves one after the other as one selection among blocks of consecutive elements.
///
/// A tensor is looked at as [outer, blocks, elements of a block], however its axes are parted: no move leaves the
/// blocks that one index of the outer axis has, or takes a block apart.
struct ElementMoves {
  /// Indices beyond this number are not worth storing.
  static let limit = 4096

  var outer: Dimension
  var block: Dimension
  /// How many blocks the source has for each outer index.
  var count: Int
  /// Which of them the result has.
  var indices: [Int]

  var isIdentity: Bool { indices.count == count && indices == Array(0..<count) }

  /// - Parameter nodes: from the source on.
  /// - Returns: nil where sizes are unknown, or moves have no such blocks in common.
  init?(_ nodes: [MovingNode]) {
    let moves = nodes.filter { !$0.move.axes.isEmpty }
    guard !moves.isEmpty else { return nil }
    let source = nodes[0].input
    // One axis of the source is best: it needs not be reshaped.
    for axis in 0..<source.rank where source[axis].fixedSize != nil {
      self.init(outer: source.product(0..<axis), block: source.product(axis + 1..<source.rank))
      if merge(moves) { return }
    }
    for first in moves {
      for last in moves {
        self.init(
          outer: first.input.product(0..<first.move.axes.lowerBound),
          block: last.input.product(last.move.axes.upperBound..<last.input.rank))
        if merge(moves) { return }
      }
    }
    return nil
  }

  private init(outer: Dimension, block: Dimension) {
    (self.outer, self.block, count, indices) = (outer, block, 0, [])
  }

  /// Whether all of them move blocks.
  private mutating func merge(_ moves: [MovingNode]) -> Bool {
    guard !outer.isUnknown, !block.isUnknown else { return false }
    for (position, node) in moves.enumerated() {
      guard let axes = node.input.axes(between: outer, and: block),
        axes.lowerBound <= node.move.axes.lowerBound, axes.upperBound >= node.move.axes.upperBound,
        let sizes = node.input.sizes(of: axes),
        let size = Self.size(of: sizes)
      else { return false }
      if position == 0 { (count, indices) = (size, Array(0..<size)) }
      guard indices.count == size, node.move.isSmall(in: sizes, from: axes.lowerBound) else { return false }
      indices = node.move.sources(in: sizes, from: axes.lowerBound).map { indices[$0] }
    }
    return true
  }

  private static func size(of sizes: [Int]) -> Int? {
    var size = 1
    for factor in sizes {
      guard factor > 0, factor <= limit / size else { return nil }
      size *= factor
    }
    return size
  }
}

extension Shape {
  fileprivate func product(_ axes: Range<Int>) -> Dimension {
    dimensions[axes].reduce(.fixed(1), *)
  }

  /// The axes that stand between those with the product `outer` and those with the product `block`; as many as can be.
  func axes(between outer: Dimension, and block: Dimension) -> Range<Int>? {
    guard let start = (0...rank).first(where: { product(0..<$0).isKnownEqual(to: outer) }),
      let end = (start...rank).last(where: { product($0..<rank).isKnownEqual(to: block) })
    else { return nil }
    return start..<end
  }

  fileprivate func sizes(of axes: Range<Int>) -> [Int]? {
    let sizes = dimensions[axes].compactMap(\.fixedSize)
    return sizes.count == axes.count ? sizes : nil
  }
}
