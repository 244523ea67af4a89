import GraphIR
import Kernels
import TensorCore

/// How many of a layer's weights are zeros, in which patterns, and how much would be lost if more of them were.
public struct WeightSparsity: Sendable {
  public struct Channels: Sendable {
    public let count: Int
    /// With weights of 0 only.
    public let zeros: Int
  }

  /// Blocks of four weights along the input channels; the last one is filled with zeros.
  public struct Blocks: Sendable {
    public let count: Int
    /// With at least two zeros.
    public let twoOfFour: Int
    /// With at least three zeros.
    public let oneOfFour: Int
    public let empty: Int
  }

  /// The first that reads the weights.
  public let node: NodeID
  public let value: ValueID
  public let dimensions: [Int]
  public let elementType: ElementType
  public let zeros: Int
  /// Magnitudes of up to 1e-3 of the largest one, zeros among them.
  public let small: Int
  /// Nil where a sum has fewer than four terms.
  public let blocks: Blocks?
  public let outputs: Channels
  public let inputs: Channels
  /// Σ of the squares that go if two weights of each block become 0, those of the least magnitudes, relative to all;
  /// nil without blocks, and where weights are not finite.
  public let errorOfTwoOfFour: Double?
  /// The same for half of the weights, wherever they are; nil where weights are not finite.
  public let errorOfHalf: Double?
  /// Whether it is a convolution of one element.
  public let isPointwise: Bool

  public var elements: Int { dimensions.reduce(1, *) }

  /// Of each constant of 16, 32 or 64 bits floating point that a `Conv`, `ConvTranspose`, `Gemm` or `MatMul` of any graph reads as its
  /// weights, in the order of the nodes. Mapped weights are read in parts, twice, and their pages given back.
  public static func all(of model: Model) -> [WeightSparsity] {
    var seen: Set<ValueID> = []
    return model.allNodes.flatMap { node in
      (0..<min(model.inputCount(of: node), 2)).compactMap { input -> WeightSparsity? in
        guard let value = model.input(input, of: node), let tensor = model.constant(value),
          tensor.elementType.isFloatingPoint, !tensor.elementType.isFloat8OrSmaller,
          let axes = WeightAxes(of: input, node, tensor, in: model), seen.insert(value).inserted
        else { return nil }
        return WeightSparsity(node, value, tensor, axes, in: model)
      }
    }
  }

  private static let share = 1e-3

  private init(_ node: NodeID, _ value: ValueID, _ tensor: Tensor, _ axes: WeightAxes, in model: Model) {
    let largest = tensor.largestMagnitude
    var counter = SparsityCounter(
      outer: axes.outer, depth: axes.groups * axes.depth, inner: axes.inner,
      smallest: Self.share * largest)
    axes.forEachPiece(limit: Tensor.partLength) { piece in
      counter.add(
        axes.runs(of: piece).flatMap { tensor.numbers(in: $0) }, outer: piece.outer, depth: piece.depth,
        group: piece.group, inner: piece.inner)
    }
    self.node = node
    self.value = value
    dimensions = tensor.dimensions
    elementType = tensor.elementType
    zeros = counter.zeros
    small = counter.small
    blocks = axes.depth < 4 ? nil : Blocks(counter.blocks)
    outputs = Self.outputs(counter, axes)
    inputs = Channels(count: counter.usedDepth.count, zeros: counter.usedDepth.count { !$0 })
    let isMeasured = counter.square.isFinite && counter.square > 0
    let half = counter.squareOfLeast(tensor.elementCount / 2) / counter.square
    errorOfHalf = isMeasured ? half : nil
    errorOfTwoOfFour = isMeasured && axes.depth >= 4 ? counter.squareOfLesserHalves / counter.square : nil
    isPointwise =
      model.operatorName(of: node).name == "Conv" && axes.groups == 1
      && tensor.dimensions.dropFirst(2).allSatisfy { $0 == 1 }
  }

  private static func outputs(_ counter: SparsityCounter, _ axes: WeightAxes) -> Channels {
    switch axes.outputs {
    case .outer: return Channels(count: axes.outer, zeros: counter.usedOuter.count { !$0 })
    case .inner(let elements):
      // Groups and matrices share their places in `inner`: a channel counts as zero where it is in all of them.
      let starts = stride(from: 0, to: axes.inner, by: elements)
      let zeros = starts.count { !counter.usedInner[$0..<min($0 + elements, axes.inner)].contains(true) }
      return Channels(count: axes.inner / elements, zeros: zeros)
    }
  }
}

extension WeightSparsity.Blocks {
  /// - Parameter counts: by zeros, from none to four.
  fileprivate init(_ counts: [Int]) {
    count = counts.reduce(0, +)
    twoOfFour = counts[2...].reduce(0, +)
    oneOfFour = counts[3...].reduce(0, +)
    empty = counts[4]
  }
}

extension Tensor {
  /// Elements that are decoded at once.
  fileprivate static let partLength = 1 << 18

  /// Of floating-point elements of whole bytes; their pages are given back.
  fileprivate func numbers(in places: Range<Int>) -> [Double] {
    guard let format = elementType.numericFormat else { return [] }
    let width = elementType.bitWidth / 8
    let bytes = places.lowerBound * width..<places.upperBound * width
    defer { storage.releasePages(bytes) }
    return withUnsafeBytes {
      decodeNumbers(UnsafeRawBufferPointer(rebasing: $0[bytes]), count: places.count, as: format)
    }
  }

  /// Of finite elements.
  fileprivate var largestMagnitude: Double {
    stride(from: 0, to: elementCount, by: Self.partLength).reduce(0) { largest, start in
      max(largest, Kernels.largestMagnitude(numbers(in: start..<min(start + Self.partLength, elementCount))))
    }
  }
}
