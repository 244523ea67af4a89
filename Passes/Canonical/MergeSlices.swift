import PassPipeline
import Rewriting
import TensorCore

/// Slices at once what two `Slice` take one after the other.
///
/// 1. On different axes, ranges stand side by side.
/// 2. On the same axis, the range [s₁, e₁) by t₁ and then [s₂, e₂) by t₂ is [s₁ + s₂·t₁, min(e₁, s₁ + e₂·t₁)) by t₁·t₂,
///    for positive steps and bounds that count from the front (or can be made to, where the size is known).
///
/// Legal where bounds, axes and steps are constant.
struct MergeSlices: RewriteRule {
  static let summary = "Slice(Slice(x, …), …) → Slice(x, …)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), first = Variadic("first"), second = Variadic("second")
    let inner = Capture("inner"), outer = Capture("outer")

    Op.Slice(Op.Slice(x, first, as: inner), second, as: outer) => { m in
      let shape = m.model.shape(of: try m[x])
      var ranges = try m.ranges(of: inner, shape)
      for later in try m.ranges(of: outer, m.model.shape(of: m[inner].output)) {
        if let index = ranges.firstIndex(where: { $0.axis == later.axis }) {
          ranges[index] = try m.composed(ranges[index], later)
        } else {
          ranges.append(later)
        }
      }
      let needsSteps = ranges.contains { $0.step != 1 }
      return try Op.Slice(
        x, Tensor(int64: ranges.map(\.start)), Tensor(int64: ranges.map(\.end)),
        Tensor(int64: ranges.map(\.axis)),
        needsSteps ? Tensor(int64: ranges.map(\.step)) : nil)
    }
  }

  static let given = """
    float[20, 30] x; float[N, 30] s; const int64[1] zero = {0}; const int64[1] one = {1}; const int64[1] two = {2}; \
    const int64[1] three = {3}; const int64[1] five = {5}; const int64[1] twelve = {12}; const int64[1] back = {-1}; \
    const int64[1] end = {9223372036854775807}; const int64[1] least = {-9223372036854775807}; int64[1] v
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Slice(s, one, five, zero); y = Slice(h, two, twelve, one)",
      to: "y = Slice(s, {1, 2}, {5, 12}, {0, 1})"),
    .rewrites(
      "h = Slice(x, two, twelve, zero); y = Slice(h, one, five, zero)", to: "y = Slice(x, {3}, {7}, {0})"),
    .rewrites(
      "h = Slice(x, two, twelve, zero, three); y = Slice(h, one, end, zero, two)",
      to: "y = Slice(x, {5}, {12}, {0}, {6})"),
    .rewrites(
      "h = Slice(x, zero, back, zero); y = Slice(h, two, back, zero)", to: "y = Slice(x, {2}, {18}, {0})"),
    .rewrites(
      "h = Slice(x, back, least, one, back); y = Slice(h, one, five, zero)",
      to: "y = Slice(x, {-1, 1}, {-9223372036854775807, 5}, {1, 0}, {-1, 1})"),
    .rewrites(
      "h = Slice<starts = [1], ends = [9]>(x); y = Slice<starts = [2], ends = [5], axes = [1]>(h)",
      to: "y = Slice<starts = [1, 2], ends = [9, 5], axes = [0, 1]>(x)", opset: 9),
    .keeps(
      "h = Slice(x, back, least, one, back); y = Slice(h, one, five, one)", because: "a step is negative"),
    .keeps("h = Slice(s, zero, back, zero); y = Slice(h, one, five, zero)", because: "the size is unknown"),
    .keeps("h = Slice(x, zero, v, zero); y = Slice(h, one, five, one)", because: "a bound is computed"),
    .keeps(
      "h = Slice(x, zero, five, zero); g = Relu(h); y = Slice(g, one, five, one)",
      because: "another is between"),
    .keeps("y = Slice(x, zero, five, zero)", because: "there is one"),
    .keeps("h = Slice(x, zero, five, zero); y = Gather(h, one)", because: "Gather takes no range"),
  ]
}

private struct SliceRange {
  var axis: Int
  var start: Int
  var end: Int
  var step: Int
}

extension Match {
  fileprivate func ranges(of slice: Capture, _ shape: Shape?) throws -> [SliceRange] {
    let node = try self[slice]
    let starts = try node.ints("starts"), ends = try node.ints("ends")
    let given = try node.optionalInts("axes") ?? Array(starts.indices)
    let axes = try normalized(given, rank: shape?.rank)
    let steps = try node.optionalInts("steps") ?? starts.map { _ in 1 }
    try require(
      starts.count == ends.count && starts.count == axes.count && starts.count == steps.count,
      "starts, ends, axes and steps differ in number")
    return axes.indices.map { index in
      let size = shape.flatMap { $0[axes[index]].fixedSize }
      let isForward = steps[index] > 0
      return SliceRange(
        axis: axes[index], start: isForward ? fromFront(starts[index], size) : starts[index],
        end: isForward ? fromFront(ends[index], size) : ends[index], step: steps[index])
    }
  }

  /// A negative bound counted from the front, where the size is known.
  private func fromFront(_ bound: Int, _ size: Int?) -> Int {
    guard bound < 0, let size else { return bound }
    return max(0, bound + size)
  }

  fileprivate func composed(_ first: SliceRange, _ second: SliceRange) throws -> SliceRange {
    try require(first.step > 0 && second.step > 0, "a step is not positive")
    try require(
      first.start >= 0 && first.end >= 0 && second.start >= 0 && second.end >= 0,
      "a bound counts from the end")
    let (offset, isTooFar) = second.end.multipliedReportingOverflow(by: first.step)
    let (end, isBeyond) = first.start.addingReportingOverflow(offset)
    return SliceRange(
      axis: first.axis, start: try sum(first.start, product(second.start, first.step)),
      end: isTooFar || isBeyond ? first.end : min(first.end, end), step: try product(first.step, second.step))
  }
}
