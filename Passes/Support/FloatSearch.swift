/// Searches among all numbers of float32, the infinities included, for where a condition begins or ends to hold.
/// 33 tries each.
enum FloatSearch {
  /// The least number with `condition`, which must hold for all above it too; nil where none has it.
  static func least(where condition: (Float) -> Bool) -> Float? {
    let place = firstPlace(where: condition)
    return place <= lastPlace ? number(at: place) : nil
  }

  /// The greatest number with `condition`, which must hold for all below it too; nil where none has it.
  static func greatest(where condition: (Float) -> Bool) -> Float? {
    let place = firstPlace { !condition($0) }
    return place > -lastPlace ? number(at: place - 1) : nil
  }

  /// Where infinity lies, counted from 0.
  private static let lastPlace = Int(Float.infinity.bitPattern)

  private static func number(at place: Int) -> Float {
    let magnitude = Float(bitPattern: UInt32(abs(place)))
    return place < 0 ? -magnitude : magnitude
  }

  /// One beyond the last place where there is none.
  private static func firstPlace(where condition: (Float) -> Bool) -> Int {
    var (low, high) = (-lastPlace, lastPlace + 1)
    while low < high {
      let middle = low + (high - low) / 2
      if condition(number(at: middle)) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
