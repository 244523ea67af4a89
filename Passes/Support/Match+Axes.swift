import GraphIR
import Rewriting
import TensorCore

extension Match {
  /// Axes counted from the front, in the order given.
  /// - Parameter rank: of the tensor that they are axes of; needed where an axis is negative.
  /// - Throws: `MatchFailure` for axes beyond the rank, for one named twice, and for negative axes of an unknown
  ///   rank.
  func normalized(_ axes: [Int], rank: Int?) throws -> [Int] {
    let result = try axes.map { axis in
      guard axis < 0 else { return axis }
      return axis + (try unwrap(rank, "the rank is unknown"))
    }
    try require(result.allSatisfy { $0 >= 0 && $0 < rank ?? .max }, "axes \(axes) do not fit the rank")
    try require(Set(result).count == result.count, "an axis is named twice")
    return result
  }

  /// The pads of all axes of a `Pad`, beginnings first: what its `axes` leave out is 0.
  func fullPads(of pad: NodeView, rank: Int) throws -> [Int] {
    let given = try pad.ints("pads")
    let axes = try normalized(try pad.optionalInts("axes") ?? Array(0..<rank), rank: rank)
    try require(given.count == 2 * axes.count, "\(given.count) pads do not fit \(axes.count) axes")
    var pads = [Int](repeating: 0, count: 2 * rank)
    for (index, axis) in axes.enumerated() {
      pads[axis] = given[index]
      pads[rank + axis] = given[axes.count + index]
    }
    return pads
  }

  func rank(of value: ValueID) -> Int? { model.shape(of: value)?.rank }

  /// - Throws: `MatchFailure` where the sum overflows.
  func sum(_ a: Int, _ b: Int) throws -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    try require(!overflow, "\(a) + \(b) is too large")
    return sum
  }

  /// - Throws: `MatchFailure` where the product overflows.
  func product(_ a: Int, _ b: Int) throws -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    try require(!overflow, "\(a) · \(b) is too large")
    return product
  }
}

extension NodeView {
  /// The order in which a `Transpose` takes its input's axes; nil where it reverses them.
  /// - Throws: `MatchFailure` where the file gives something that is no permutation.
  func permutation() throws -> [Int]? {
    guard let order = try optionalInts("perm") else { return nil }
    guard order.sorted() == Array(order.indices) else { throw MatchFailure("\(order) is no permutation") }
    return order
  }
}
