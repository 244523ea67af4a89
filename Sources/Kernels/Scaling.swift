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
  guard let from = source.baseAddress, let to = target.baseAddress else { return largest }
  if layout.inner == 1 { return scaleRows(from, layout, by: factors, into: to) }
  var cursor = AxisCursor(layout, step: layout.inner)
  for start in stride(from: 0, to: layout.elementCount, by: max(layout.inner, 1)) {
    let index = cursor.next()
    let magnitude = scale(from + start &* 4, count: layout.inner, by: factors[index], into: to + start &* 4)
    largest[index] = max(largest[index], magnitude)
  }
  return largest
}

/// One run of floats; returns the largest magnitude, infinite where NaN or an infinity was.
@inline(__always)
private func scale(
  _ source: UnsafeRawPointer, count: Int, by factor: Double, into target: UnsafeMutableRawPointer
) -> Double {
  // As bits, magnitudes are in order, with infinity and the NaNs above all numbers.
  var largest: UInt32 = 0
  for position in 0..<count {
    let value = source.loadUnaligned(fromByteOffset: position &* 4, as: Float.self)
    let scaled = Float(Double(value) * factor)
    largest = max(largest, scaled.bitPattern & 0x7FFF_FFFF)
    target.storeBytes(of: scaled, toByteOffset: position &* 4, as: Float.self)
  }
  return magnitude(largest)
}

/// An axis that lies innermost: one row after the other, each element by a factor of its own.
private func scaleRows(
  _ source: UnsafeRawPointer, _ layout: AxisLayout, by factors: [Double], into target: UnsafeMutableRawPointer
) -> [Double] {
  // As bits: see `scale`.
  var largest = [UInt32](repeating: 0, count: factors.count)
  largest.withUnsafeMutableBufferPointer { largest in
    factors.withUnsafeBufferPointer { factors in
      for row in 0..<layout.groups &* layout.outer {
        let first = row / layout.outer &* layout.perGroup
        let start = row &* layout.perGroup
        for position in 0..<layout.perGroup {
          let offset = (start &+ position) &* 4
          let value = source.loadUnaligned(fromByteOffset: offset, as: Float.self)
          let scaled = Float(Double(value) * factors[first &+ position])
          largest[first &+ position] = max(largest[first &+ position], scaled.bitPattern & 0x7FFF_FFFF)
          target.storeBytes(of: scaled, toByteOffset: offset, as: Float.self)
        }
      }
    }
  }
  return largest.map(magnitude)
}

/// Of the magnitude's bits; infinite for NaN.
@inline(__always)
private func magnitude(_ bits: UInt32) -> Double {
  let magnitude = Float(bitPattern: bits)
  return magnitude.isNaN ? .infinity : Double(magnitude)
}

/// The same for numbers of any format of whole bytes.
public func scaleAxis(
  _ source: UnsafeRawBufferPointer, as format: NumericFormat, elementWidth: Int, _ layout: AxisLayout,
  by factors: [Double], into target: UnsafeMutableRawBufferPointer
) -> [Double] {
  precondition(source.count == layout.elementCount * elementWidth && target.count == source.count)
  precondition(factors.count == layout.axisLength)
  var largest = [Double](repeating: 0, count: factors.count)
  var cursor = AxisCursor(layout, step: 1)
  let chunk = 1 << 16
  for start in stride(from: 0, to: layout.elementCount, by: chunk) {
    let count = min(chunk, layout.elementCount - start)
    let bytes = (start * elementWidth)..<((start + count) * elementWidth)
    var values = decodeNumbers(UnsafeRawBufferPointer(rebasing: source[bytes]), count: count, as: format)
    var reader = cursor
    for position in 0..<count { values[position] *= factors[cursor.next()] }
    let place = UnsafeMutableRawBufferPointer(rebasing: target[bytes])
    encodeNumbers(values, as: format, into: place)
    values = decodeNumbers(UnsafeRawBufferPointer(place), count: count, as: format)
    for value in values {
      let index = reader.next()
      largest[index] = max(largest[index], value.isFinite ? abs(value) : .infinity)
    }
  }
  return largest
}

/// Goes through an array in order, `step` elements of its inner axis at a time, and tells the index of the axis.
private struct AxisCursor {
  private let layout: AxisLayout
  private let step: Int
  private var inner = 0
  private var index = 0
  private var outer = 0
  private var group = 0

  init(_ layout: AxisLayout, step: Int) {
    self.layout = layout
    self.step = step
  }

  mutating func next() -> Int {
    let current = group &* layout.perGroup &+ index
    inner &+= step
    guard inner == layout.inner else { return current }
    inner = 0
    index &+= 1
    guard index == layout.perGroup else { return current }
    index = 0
    outer &+= 1
    guard outer == layout.outer else { return current }
    outer = 0
    group &+= 1
    return current
  }
}
