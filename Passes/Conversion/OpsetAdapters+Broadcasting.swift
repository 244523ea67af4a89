import GraphIR
import TensorCore

// Until version 6, element-wise operators broadcast their second input along `axis`, and only if told to.

extension OpsetAdapters {
  static let broadcasting: [Adapter] = [
    Adapter(
      ["Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor"], 7,
      broadcastSecondInput),
    Adapter(["Gemm"], 7) { upgrade, _ in upgrade.remove("broadcast") },
    Adapter(["PRelu"], 7, broadcastSlope),
  ]

  private static func broadcastSecondInput(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    let isBroadcast = try upgrade.value("broadcast")?.int ?? 0 != 0
    let axis = try upgrade.value("axis")?.int
    upgrade.remove("broadcast", "axis")
    guard isBroadcast, let axis else { return }
    let rank = try upgrade.shape(0, in: rewriter.model).rank
    let smaller = try upgrade.shape(1, in: rewriter.model).rank
    try upgrade.require((-rank...rank).contains(axis), "axis \(axis) does not fit rank \(rank)")
    let first = axis < 0 ? axis + rank : axis
    let trailing = rank - first - smaller
    try upgrade.require(
      first >= 0 && trailing >= 0, "axis \(axis) does not fit the ranks \(rank) and \(smaller)")
    try upgrade.appendAxes(trailing, toInput: 1, with: &rewriter)
  }

  /// The slope is one number for all channels, or one for each, and channels are axis 1.
  private static func broadcastSlope(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    let slope = try upgrade.shape(1, in: rewriter.model)
    guard slope.rank == 1, slope.dimensions[0] != .fixed(1) else { return }
    let rank = try upgrade.shape(0, in: rewriter.model).rank
    try upgrade.require(
      slope.dimensions[0].fixedSize != nil || rank == 2, "the size of the slope is unknown")
    try upgrade.appendAxes(max(0, rank - 2), toInput: 1, with: &rewriter)
  }
}

extension NodeUpgrade {
  /// Gives an input `count` more axes of size 1 at its end.
  fileprivate mutating func appendAxes(
    _ count: Int, toInput index: Int, with rewriter: inout Rewriter
  ) throws {
    guard count > 0, let value = input(index) else { return }
    let shape = try shape(index, in: rewriter.model)
    if let tensor = rewriter.model.constant(value) {
      let reshaped = try tensor.reshaped(to: tensor.dimensions + [Int](repeating: 1, count: count))
      setInput(index, to: add(reshaped, with: &rewriter))
      return
    }
    let axes = Array(shape.rank..<shape.rank + count)
    let type = rewriter.model.elementType(of: value).map {
      ValueType.tensor($0, Shape(shape.dimensions + [Dimension](repeating: 1, count: count)))
    }
    let wide = insert("Unsqueeze", [value], ["axes": .init(axes)], type: type, with: &rewriter)
    setInput(index, to: wide)
  }
}
