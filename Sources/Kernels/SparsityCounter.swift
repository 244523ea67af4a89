/// Zeros, small numbers and blocks of four in weights [outer, depth, inner] whose layer sums over `depth`, counted
/// piece by piece.
public struct SparsityCounter: Sendable {
  public private(set) var zeros = 0
  /// Of magnitudes up to `smallest`, zeros among them.
  public private(set) var small = 0
  /// Blocks of four along the depth, by how many zeros they have. A last block that is shorter is filled with zeros.
  public private(set) var blocks = [Int](repeating: 0, count: 5)
  /// Σ w²
  public private(set) var square = 0.0
  /// The same of the two least magnitudes of each block.
  public private(set) var squareOfLesserHalves = 0.0
  /// Which indices of the axes have a number that is not 0.
  public private(set) var usedOuter: [Bool]
  public private(set) var usedDepth: [Bool]
  public private(set) var usedInner: [Bool]
  private let inner: Int
  private let smallest: Double
  /// By the upper half of a magnitude's bits: how many there are, and Σ w².
  private var counts = [Int](repeating: 0, count: 1 << 15)
  private var squares = [Double](repeating: 0, count: 1 << 15)

  /// - Parameter depth: of all groups together.
  public init(outer: Int, depth: Int, inner: Int, smallest: Double) {
    usedOuter = [Bool](repeating: false, count: outer)
    usedDepth = [Bool](repeating: false, count: depth)
    usedInner = [Bool](repeating: false, count: inner)
    self.inner = inner
    self.smallest = smallest
  }

  /// - Parameters:
  ///   - values: [outer, depth, inner] of the piece.
  ///   - depth: what the piece has of the depth of one group; whole blocks, or up to the end.
  ///   - group: the place in the depth of all groups at which its group begins.
  public mutating func add(
    _ values: [Double], outer: Range<Int>, depth: Range<Int>, group: Int, inner: Range<Int>
  ) {
    precondition(values.count == outer.count * depth.count * inner.count)
    precondition(outer.upperBound <= usedOuter.count && inner.upperBound <= usedInner.count)
    precondition(group + depth.upperBound <= usedDepth.count)
    values.withUnsafeBufferPointer { values in
      var row = 0
      for place in outer {
        for first in stride(from: depth.lowerBound, to: depth.upperBound, by: 4) {
          let count = min(4, depth.upperBound - first)
          addBlocks(values, at: row, count: count, place: place, depth: group + first, inner: inner)
          row += count * inner.count
        }
      }
    }
  }

  private mutating func addBlocks(
    _ values: UnsafeBufferPointer<Double>, at row: Int, count: Int, place: Int, depth: Int, inner: Range<Int>
  ) {
    var square = (0.0, 0.0, 0.0, 0.0)
    for index in 0..<inner.count {
      var zeros = 4 - count
      square = (0, 0, 0, 0)
      for step in 0..<count {
        let value = values[row &+ step &* inner.count &+ index]
        if value == 0 {
          zeros += 1
        } else {
          usedOuter[place] = true
          usedDepth[depth &+ step] = true
          usedInner[inner.lowerBound &+ index] = true
        }
        let ofValue = note(value)
        switch step {
        case 0: square.0 = ofValue
        case 1: square.1 = ofValue
        case 2: square.2 = ofValue
        default: square.3 = ofValue
        }
      }
      blocks[zeros] += 1
      let (low, lower) = (min(square.0, square.1), min(square.2, square.3))
      let high = min(max(square.0, square.1), max(square.2, square.3))
      squareOfLesserHalves += min(low, lower) + min(max(low, lower), high)
    }
  }

  private mutating func note(_ value: Double) -> Double {
    let ofValue = value * value
    let bin = Int(Float(value).magnitude.bitPattern >> 16)
    counts[bin] += 1
    squares[bin] += ofValue
    square += ofValue
    if value == 0 { zeros += 1 }
    if value.magnitude <= smallest { small += 1 }
    return ofValue
  }

  /// Σ w² of the `count` least magnitudes. Of those that share the upper half of their bits with the greatest of them
  /// it takes the mean, which is right within 1 % of each.
  public func squareOfLeast(_ count: Int) -> Double {
    var (left, sum) = (count, 0.0)
    for (inBin, square) in zip(counts, squares) where inBin > 0 && left > 0 {
      sum += inBin <= left ? square : square * Double(left) / Double(inBin)
      left -= min(inBin, left)
    }
    return sum
  }
}
