/// What a convolution's kernel sees at some positions of one sample [channels, area] of floats: a row of
/// [channels, taps] for each position.
///
/// - Parameters:
///   - start: the element at which the sample begins; the source has `channels · area` from there on.
///   - offsets: of each tap of each position in the plane; −1 for padding, which is zero.
///   - target: room for all rows, whose elements are zero.
public func gatherPatches(
  _ source: UnsafeRawBufferPointer, from start: Int, channels: Int, area: Int, offsets: [Int], taps: Int,
  into target: UnsafeMutableBufferPointer<Double>
) {
  let width = channels * taps
  guard width > 0 else { return }
  let positions = offsets.count / taps
  precondition(source.count >= (start + channels * area) * 4 && target.count >= positions * width)
  guard let base = source.baseAddress, let to = target.baseAddress else { return }
  offsets.withUnsafeBufferPointer { offsets in
    for position in 0..<positions {
      let row = to + position &* width
      for tap in 0..<taps {
        let offset = offsets[position &* taps &+ tap]
        guard offset >= 0, offset < area else { continue }
        var from = base + (start &+ offset) &* 4
        for channel in 0..<channels {
          row[channel &* taps &+ tap] = Double(from.loadUnaligned(as: Float.self))
          from += area &* 4
        }
      }
    }
  }
}

/// The lower triangle made equal to the upper one, of a square matrix.
public func mirrorUpperTriangle(_ values: inout [Double], size: Int) {
  values.withUnsafeMutableBufferPointer { values in
    for row in 0..<size {
      for column in row..<size { values[column &* size &+ row] = values[row &* size &+ column] }
    }
  }
}

/// Subtracts `factor · a · bᵀ`, for vectors of one length, from a square matrix.
public func subtractOuterProduct(_ a: [Double], _ b: [Double], factor: Double, from values: inout [Double]) {
  let size = a.count
  precondition(b.count == size && values.count == size * size)
  values.withUnsafeMutableBufferPointer { values in
    for row in 0..<size {
      let scaled = factor * a[row]
      for column in 0..<size { values[row &* size &+ column] -= scaled * b[column] }
    }
  }
}

/// The elements of a matrix, `columns` wide, in the given rows and columns.
public func selected(_ values: [Double], columns: Int, rows: [Int], taking chosen: [Int]) -> [Double] {
  [Double](unsafeUninitializedCapacity: rows.count * chosen.count) { target, count in
    values.withUnsafeBufferPointer { values in
      for row in rows {
        for column in chosen {
          target[count] = values[row &* columns &+ column]
          count &+= 1
        }
      }
    }
  }
}

/// tr(Bᵀ·A⁻¹·B), by Cholesky's factorization; infinite where A is not positive definite.
///
/// - Parameters:
///   - matrix: A, [size, size]; changed.
///   - right: B, [size, columns]; changed.
public func inverseWeightedSquare(_ matrix: inout [Double], size: Int, right: inout [Double]) -> Double {
  let columns = size > 0 ? right.count / size : 0
  var sum = 0.0
  let isDefinite = matrix.withUnsafeMutableBufferPointer { a in
    right.withUnsafeMutableBufferPointer { b in
      for pivot in 0..<size {
        for earlier in 0..<pivot {
          let factor = a[pivot &* size &+ earlier]
          for row in pivot..<size { a[row &* size &+ pivot] -= factor * a[row &* size &+ earlier] }
          for column in 0..<columns {
            b[pivot &* columns &+ column] -= factor * b[earlier &* columns &+ column]
          }
        }
        guard a[pivot &* size &+ pivot] > 0 else { return false }
        let scale = 1 / a[pivot &* size &+ pivot].squareRoot()
        for row in pivot..<size { a[row &* size &+ pivot] *= scale }
        for column in 0..<columns {
          b[pivot &* columns &+ column] *= scale
          sum += b[pivot &* columns &+ column] * b[pivot &* columns &+ column]
        }
      }
      return true
    }
  }
  return isDefinite ? sum : .infinity
}

/// Writes the columns of a matrix to other places of a matrix with as many rows, `columns` wide.
public func scatterColumns(_ source: [Double], to places: [Int], of target: inout [Double], columns: Int) {
  guard !places.isEmpty else { return }
  target.withUnsafeMutableBufferPointer { target in
    for row in 0..<source.count / places.count {
      for (index, place) in places.enumerated() {
        target[row &* columns &+ place] = source[row &* places.count &+ index]
      }
    }
  }
}

/// Σ aᵢ·bᵢ, for arrays of one length.
public func innerProduct(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  return a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      var sum = 0.0
      for index in 0..<a.count { sum += a[index] * b[index] }
      return sum
    }
  }
}

/// Adds the elements and their squares, for each index of an axis.
///
/// - Parameters:
///   - source: floats [layout.outer, layout.perGroup, layout.inner].
///   - sums: `layout.axisLength` numbers, as `squares`.
public func addMoments(
  _ source: UnsafeRawBufferPointer, _ layout: AxisLayout, sums: inout [Double], squares: inout [Double]
) {
  precondition(layout.groups == 1 && source.count >= layout.elementCount * 4)
  precondition(sums.count == layout.axisLength && squares.count == layout.axisLength)
  guard var from = source.baseAddress else { return }
  for _ in 0..<layout.outer {
    for index in 0..<layout.perGroup {
      var (sum, square) = (0.0, 0.0)
      for position in 0..<layout.inner {
        let value = Double(from.loadUnaligned(fromByteOffset: position &* 4, as: Float.self))
        sum += value
        square += value * value
      }
      sums[index] += sum
      squares[index] += square
      from += layout.inner &* 4
    }
  }
}
