/// How an axis lies in an array of [groups, outer, perGroup, inner]: index (g, a) of the axis has the factor
/// g · perGroup + a. An axis that lies in the array as it is has one group.
public struct AxisLayout: Hashable, Sendable {
  public var groups: Int
  public var outer: Int
  public var perGroup: Int
  public var inner: Int

  public init(groups: Int = 1, outer: Int, perGroup: Int, inner: Int) {
    self.groups = groups
    self.outer = outer
    self.perGroup = perGroup
    self.inner = inner
  }

  public var axisLength: Int { groups * perGroup }
  public var elementCount: Int { groups * outer * perGroup * inner }
}

/// Multiplies floats along an axis by its factors, in Double, each rounded once. Returns for each index of the
/// axis the largest magnitude written, infinite where NaN or an infinity was.
///
/// Both hold `layout.elementCount` floats; `source` need not be aligned. There are `layout.axisLength` factors.
public func scaleAxis(
  _ source: UnsafeRawBufferPointer, _ layout: AxisLayout, by factors: [Double],
  into target: UnsafeMutableRawBufferPointer
) -> [Double] {
  precondition(source.count >= layout.elementCount * 4 && target.count >= layout.elementCount * 4)
  precondition(factors.count == layout.axisLength)
  var largest = [Double](repeating: 0, count: factors.count)
  var index = 0
  for group in 0..<layout.groups {
    for _ in 0..<layout.outer {
      for factorIndex in (group &* layout.perGroup)..<((group &+ 1) &* layout.perGroup) {
        let factor = factors[factorIndex]
        var magnitude: Float = 0
        var sum: Float = 0
        for position in index..<(index &+ layout.inner) {
          let value = source.loadUnaligned(fromByteOffset: position &* 4, as: Float.self)
          let scaled = Float(Double(value) * factor)
          magnitude = max(magnitude, abs(scaled))
          // Not zero only for infinities and NaN, which the maximum may lose.
          sum += scaled - scaled
          target.storeBytes(of: scaled, toByteOffset: position &* 4, as: Float.self)
        }
        largest[factorIndex] = max(largest[factorIndex], sum == 0 ? Double(magnitude) : .infinity)
        index &+= layout.inner
      }
    }
  }
  return largest
}

/// The same for numbers of any format of whole bytes.
public func scaleAxis(
  _ source: UnsafeRawBufferPointer, as format: NumericFormat, elementWidth: Int, _ layout: AxisLayout,
  by factors: [Double], into target: UnsafeMutableRawBufferPointer
) -> [Double] {
  precondition(source.count == layout.elementCount * elementWidth && target.count == source.count)
  precondition(factors.count == layout.axisLength)
  var largest = [Double](repeating: 0, count: factors.count)
  let chunk = 1 << 16
  for start in stride(from: 0, to: layout.elementCount, by: chunk) {
    let range = start..<min(start + chunk, layout.elementCount)
    let bytes = (range.lowerBound * elementWidth)..<(range.upperBound * elementWidth)
    var values = decodeNumbers(
      UnsafeRawBufferPointer(rebasing: source[bytes]), count: range.count, as: format)
    for position in range { values[position - start] *= factors[layout.axisIndex(of: position)] }
    let place = UnsafeMutableRawBufferPointer(rebasing: target[bytes])
    encodeNumbers(values, as: format, into: place)
    values = decodeNumbers(UnsafeRawBufferPointer(place), count: range.count, as: format)
    for position in range {
      let value = values[position - start]
      let index = layout.axisIndex(of: position)
      largest[index] = max(largest[index], value.isFinite ? abs(value) : .infinity)
    }
  }
  return largest
}

extension AxisLayout {
  fileprivate func axisIndex(of position: Int) -> Int {
    let row = position / inner
    return row / (outer * perGroup) * perGroup + row % perGroup
  }
}
