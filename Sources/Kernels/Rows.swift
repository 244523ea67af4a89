// Loops over row-major matrices of Double, `columns` wide.

/// The mean of each column; zeros for no rows.
public func columnMeans(_ values: [Double], columns: Int) -> [Double] {
  var sums = [Double](repeating: 0, count: columns)
  guard columns > 0, !values.isEmpty else { return sums }
  values.withUnsafeBufferPointer { values in
    sums.withUnsafeMutableBufferPointer { sums in
      for start in stride(from: 0, to: values.count, by: columns) {
        for column in 0..<columns { sums[column] += values[start &+ column] }
      }
      let rows = Double(values.count / columns)
      for column in 0..<columns { sums[column] /= rows }
    }
  }
  return sums
}

/// Adds `sign · row` to every row.
public func addRow(_ row: [Double], sign: Double, to values: inout [Double]) {
  let columns = row.count
  guard columns > 0 else { return }
  values.withUnsafeMutableBufferPointer { values in
    row.withUnsafeBufferPointer { row in
      for start in stride(from: 0, to: values.count, by: columns) {
        for column in 0..<columns { values[start &+ column] += sign * row[column] }
      }
    }
  }
}

/// a − b, element by element, for arrays of one length.
public func differences(_ a: [Double], _ b: [Double]) -> [Double] {
  [Double](unsafeUninitializedCapacity: a.count) { target, count in
    for index in 0..<a.count { target[index] = a[index] - b[index] }
    count = a.count
  }
}

/// a + b, element by element, for arrays of one length.
public func sums(_ a: [Double], _ b: [Double]) -> [Double] {
  [Double](unsafeUninitializedCapacity: a.count) { target, count in
    for index in 0..<a.count { target[index] = a[index] + b[index] }
    count = a.count
  }
}

public func sumOfSquares(_ values: [Double]) -> Double {
  values.withUnsafeBufferPointer { values in
    var sum = 0.0
    for index in 0..<values.count { sum += values[index] * values[index] }
    return sum
  }
}

public func areFinite(_ values: [Double]) -> Bool {
  values.withUnsafeBufferPointer { values in
    for index in 0..<values.count where !values[index].isFinite { return false }
    return true
  }
}

/// Rows to columns.
public func transposed(_ values: [Double], rows: Int, columns: Int) -> [Double] {
  transposing(values, rows: rows, columns: columns)
}

/// Rows to columns.
public func transposed(_ values: [Int8], rows: Int, columns: Int) -> [Int8] {
  transposing(values, rows: rows, columns: columns)
}

/// Rows to columns.
public func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
  transposing(values, rows: rows, columns: columns)
}

private func transposing<Number>(_ values: [Number], rows: Int, columns: Int) -> [Number] {
  [Number](unsafeUninitializedCapacity: values.count) { target, count in
    values.withUnsafeBufferPointer { values in
      for row in 0..<rows {
        for column in 0..<columns { target[column &* rows &+ row] = values[row &* columns &+ column] }
      }
    }
    count = values.count
  }
}
