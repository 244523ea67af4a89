/// target[r, i] = source[r, i] · factors[r]: computed in Double, rounded once to Float.
///
/// Both hold `factors.count` rows of `rowLength` floats; `source` need not be aligned.
public func scaleRows(
  _ source: UnsafeRawBufferPointer, rowLength: Int, by factors: [Double],
  into target: UnsafeMutableRawBufferPointer
) {
  for row in 0..<factors.count {
    let factor = factors[row]
    for index in (row &* rowLength)..<((row &+ 1) &* rowLength) {
      let value = source.loadUnaligned(fromByteOffset: index &* 4, as: Float.self)
      target.storeBytes(of: Float(Double(value) * factor), toByteOffset: index &* 4, as: Float.self)
    }
  }
}
