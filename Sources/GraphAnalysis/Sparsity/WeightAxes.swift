import GraphIR
import TensorCore

/// A layer's weights as [outer, depth, inner], where the layer sums over `depth`: its input channels.
struct WeightAxes {
  let groups: Int
  /// Of all groups.
  let outer: Int
  /// Of one group.
  let depth: Int
  let inner: Int
  /// Where output channels are: all of `outer`, or parts of `inner` of so many elements each, in every group.
  let outputs: Outputs

  enum Outputs {
    case outer
    case inner(elements: Int)
  }

  /// Nil where the node is no layer with weights at that input, or they do not fit it.
  init?(of input: Int, _ node: NodeID, _ tensor: Tensor, in model: Model) {
    let name = model.operatorName(of: node)
    let sizes = tensor.dimensions
    guard name.isStandard, tensor.elementCount > 0, sizes.count >= 2 else { return nil }
    let group = model.attribute("group", of: node)?.int ?? 1
    switch (name.name, input) {
    case ("Conv", 1): self.init(convolution: sizes, groups: group)
    case ("ConvTranspose", 1): self.init(transposed: sizes, groups: group)
    case ("Gemm", 1) where sizes.count == 2:
      self.init(matrix: sizes, isOutputMajor: (model.attribute("transB", of: node)?.int ?? 0) != 0)
    case ("MatMul", 0): self.init(matrix: sizes, isOutputMajor: true)
    case ("MatMul", 1): self.init(matrix: sizes, isOutputMajor: false)
    default: return nil
    }
  }

  private init?(convolution sizes: [Int], groups: Int) {
    guard sizes.count >= 3, groups > 0, sizes[0] % groups == 0 else { return nil }
    self.groups = groups
    (outer, depth, inner) = (sizes[0], sizes[1], sizes[2...].reduce(1, *))
    outputs = .outer
  }

  private init?(transposed sizes: [Int], groups: Int) {
    guard sizes.count >= 3, groups > 0, sizes[0] % groups == 0 else { return nil }
    self.groups = groups
    let kernel = sizes[2...].reduce(1, *)
    (outer, depth, inner) = (groups, sizes[0] / groups, sizes[1] * kernel)
    outputs = .inner(elements: kernel)
  }

  private init(matrix sizes: [Int], isOutputMajor: Bool) {
    groups = 1
    let (rows, columns) = (sizes[sizes.count - 2], sizes[sizes.count - 1])
    let matrices = sizes.dropLast(2).reduce(1, *)
    (outer, depth, inner) =
      isOutputMajor ? (matrices * rows, columns, 1) : (matrices, rows, columns)
    outputs = isOutputMajor ? .outer : .inner(elements: 1)
  }
}

/// A part of [outer, depth, inner]. Its elements follow each other where it has all of `inner`.
struct WeightPiece {
  let outer: Range<Int>
  let depth: Range<Int>
  let inner: Range<Int>
  /// Where the depth of its group begins among all groups.
  let group: Int
}

extension WeightAxes {
  /// The whole in parts of at most about `limit` elements: whole blocks of four along the depth, none across groups.
  func forEachPiece(limit: Int, _ body: (WeightPiece) -> Void) {
    let width = min(inner, max(limit / 4, 1))
    let length = min(depth, max(limit / width / 4, 1) * 4)
    let perGroup = outer / groups
    let height = length == depth && width == inner ? min(perGroup, max(limit / (length * width), 1)) : 1
    for group in 0..<groups {
      for row in parts(of: perGroup, height) {
        for depth in parts(of: depth, length) {
          for inner in parts(of: inner, width) {
            body(
              WeightPiece(
                outer: group * perGroup + row.lowerBound..<group * perGroup + row.upperBound, depth: depth,
                inner: inner, group: group * self.depth))
          }
        }
      }
    }
  }

  private func parts(of count: Int, _ length: Int) -> some Sequence<Range<Int>> {
    stride(from: 0, to: count, by: length).lazy.map { $0..<min($0 + length, count) }
  }

  /// The places of the piece's elements, in runs.
  func runs(of piece: WeightPiece) -> [Range<Int>] {
    let first = (piece.outer.lowerBound * depth + piece.depth.lowerBound) * inner
    guard piece.inner.count < inner else {
      return [first..<first + piece.outer.count * piece.depth.count * inner]
    }
    return piece.depth.indices.map { step in
      let start = first + (step - piece.depth.lowerBound) * inner + piece.inner.lowerBound
      return start..<start + piece.inner.count
    }
  }
}
