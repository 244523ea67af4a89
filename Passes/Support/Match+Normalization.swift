import GraphIR
import Rewriting
import TensorCore

extension Match {
  /// Where the axes begin that `reduction` reduces, counted from the end (−1: only the last one): all from there on.
  /// - Throws: `MatchFailure` where it reduces others, or drops what it reduces.
  func trailingAxis(of reduction: Capture, rank: Int) throws -> Int {
    let node = try self[reduction]
    try require(node.int("keepdims") == 1, "the reduction drops its axes")
    guard let given = try node.optionalInts("axes"), !given.isEmpty else {
      try require(
        !node.has("noop_with_empty_axes") || node.int("noop_with_empty_axes") == 0, "nothing is reduced")
      return -rank
    }
    let axes = try normalized(given, rank: rank).sorted()
    try require(rank > 0 && axes == Array((rank - axes.count)..<rank), "the axes are not the last ones")
    return -axes.count
  }

  /// The sizes of the axes of `variable` from `axis` on, which is counted from the end.
  func sizes(of variable: Var, from axis: Int) throws -> [Int] {
    let shape = try shape(of: variable)
    let sizes = Shape(Array(shape.dimensions.suffix(-axis))).fixedSizes
    return try unwrap(sizes, "the sizes that are normalized over are unknown")
  }

  /// Refuses unless statistics in single precision are as good as those of the parts.
  func requireSingleStatistics(_ variable: Var) throws {
    let type = try elementType(of: variable)
    try require(
      [.float32, .float16, .bfloat16].contains(type), "the statistics of \(type) would be in single precision"
    )
  }
}

extension Tensor {
  /// - Throws: `MatchFailure` or `TensorError` where the sizes, which a file may declare as it likes, are too large.
  static func ones(_ elementType: ElementType, _ dimensions: [Int]) throws -> Tensor {
    let count = try Tensor.elementCount(of: dimensions)
    guard count <= 1 << 24 else { throw MatchFailure("a scale of \(count) ones is too large") }
    return try Tensor(elementType, rounding: [Double](repeating: 1, count: count), dimensions)
  }
}

extension Match {
  /// What an element-wise operator combines with the result of `norm`, for each number of its scale.
  /// - Throws: `MatchFailure` where `constant` differs along other axes, or makes the result larger.
  func parameter(_ constant: Constant, of norm: Capture, like scale: Tensor) throws -> RealTensor {
    let rank = try unwrap(self[norm].outputShape, "the rank is unknown").rank
    let tensor = try self[constant]
    try require(tensor.rank <= rank, "\(constant.name) raises the rank")
    let sizes = [Int](repeating: 1, count: rank - tensor.rank) + tensor.dimensions
    let own = try sizesOfScale(scale, of: norm, rank: rank)
    try require(
      zip(sizes, own).allSatisfy { $0 == 1 || $0 == $1 }, "\(constant.name) differs where the scale does not")
    let ones = try RealTensor(scale.elementType, own, [Double](repeating: 1, count: scale.elementCount))
    return try (ones * tensor).reshaped(to: scale.dimensions)
  }

  /// The scale's sizes as they broadcast to the result.
  private func sizesOfScale(_ scale: Tensor, of norm: Capture, rank: Int) throws -> [Int] {
    let before = [Int](repeating: 1, count: max(rank - scale.rank, 0))
    switch try self[norm].op.name {
    case "LayerNormalization", "RMSNormalization":
      try require(scale.rank <= rank, "the scale raises the rank")
      return before + scale.dimensions
    default:
      try require(rank >= 2 && scale.rank == 1, "the scale is not one number for each channel")
      return [1] + scale.dimensions + [Int](repeating: 1, count: rank - 2)
    }
  }
}
