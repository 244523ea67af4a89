import GraphIR
import TensorCore

extension ChannelFlow {
  /// An output axis tells the channels if each of its indices holds elements of one class only; channels that
  /// fall on one index are united.
  mutating func visitReshape(_ node: NodeID) -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    guard let value = model.input(0, of: node), let output = model.output(0, of: node),
      let input = model.shape(of: value), let result = model.shape(of: output), axis.channels.count > 1,
      let place = ReshapedAxis(axis, from: input, to: result)
    else { return false }
    for set in place.united { for other in set.dropFirst() { classes.unite(set[set.startIndex], other) } }
    let reshaped = ChannelAxis(axis: place.axis, channels: place.channels)
    if model.operatorName(of: node).name == "Reshape" {
      guard noteShapeEntry(node, reshaped, isCopied: place.axis == axis.axis) else { return false }
    }
    return pass(reshaped, to: node)
  }

  /// - Returns: false where the new shape is computed, or would not follow the channels.
  private mutating func noteShapeEntry(_ node: NodeID, _ axis: ChannelAxis, isCopied: Bool) -> Bool {
    let entries: [Int]
    if let value = model.input(1, of: node) {
      guard let constant = try? model.constant(value)?.integers() else { return false }
      entries = constant
    } else {
      // Before version 5 the shape is an attribute, which is left alone.
      return false
    }
    guard entries.indices.contains(axis.axis) else { return false }
    switch entries[axis.axis] {
    case -1: return true
    case 0: return isCopied && model.attribute("allowzero", of: node)?.int ?? 0 == 0
    case axis.channels.count:
      attributes.append(
        ChannelAttribute(node: node, kind: .shapeEntry(axis.axis), channels: axis.channels))
      return true
    default: return false
    }
  }
}

/// Where channels lie after a `Reshape`.
private struct ReshapedAxis {
  let axis: Int
  let channels: [Int32]
  /// Channels that have come to lie on one index.
  private(set) var united: [ArraySlice<Int32>] = []

  /// With s elements after the input's axis of n channels, element p, counted from any multiple of s·n, belongs
  /// to channel p / s mod n. An output axis of l indices with i elements after it tells channels if s·n divides
  /// l·i: index j then holds the elements from j·i on.
  init?(_ source: ChannelAxis, from input: Shape, to output: Shape) {
    let count = source.channels.count
    guard source.axis < input.rank, let after = Self.count(input.dimensions.dropFirst(source.axis + 1)),
      after > 0,
      let period = after.multiplied(by: count)
    else { return nil }
    for axis in output.dimensions.indices.reversed() {
      guard let inner = Self.count(output.dimensions.dropFirst(axis + 1)), inner > 0,
        let length = output[axis].fixedSize, length > 0, length <= ChannelClasses.mostChannels,
        let whole = inner.multiplied(by: length)
      else { return nil }
      guard whole % period == 0 else { continue }
      if inner <= after {
        guard after % inner == 0 else { return nil }
        let run = after / inner
        channels = (0..<length).map { source.channels[$0 / run % count] }
      } else {
        let run = inner / after
        guard inner % after == 0, count % run == 0 else { return nil }
        channels = (0..<length).map { source.channels[$0 * run % count] }
        united = stride(from: 0, to: count, by: run).map { source.channels[$0..<$0 + run] }
      }
      self.axis = axis
      return
    }
    return nil
  }

  private static func count(_ sizes: ArraySlice<Dimension>) -> Int? {
    sizes.reduce(1) { count, size in size.fixedSize.flatMap { count?.multiplied(by: $0) } }
  }
}

extension Int {
  /// Nil where the product overflows.
  fileprivate func multiplied(by other: Int) -> Int? {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : product
  }
}
