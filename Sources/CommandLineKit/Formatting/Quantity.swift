import Foundation

/// Numbers as people read them, the same in every locale.
public enum Quantity {
  /// A number with `digits` decimals: `0.912`.
  public static func fixed(_ value: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  /// A whole number in groups of three: `1,234,567`.
  public static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    let groups = stride(from: digits.count, to: 0, by: -3).map { end in
      digits.dropFirst(max(0, end - 3)).prefix(end - max(0, end - 3))
    }
    return (value < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
  }

  /// A count in three digits: `469k`, `1.23M`.
  public static func compact(_ value: Int) -> String {
    scaled(Double(value), units: ["", "k", "M", "G", "T"])
  }

  /// A size in decimal units: `1.88 MB`.
  public static func bytes(_ value: Int) -> String {
    scaled(Double(value), units: [" B", " kB", " MB", " GB", " TB"])
  }

  /// A fraction as a percentage: `0.0123` is `1.23 %`.
  public static func percent(_ fraction: Double, digits: Int = 1) -> String {
    fixed(fraction * 100, digits: digits) + " %"
  }

  /// How much changed, with its sign: `-31.6 %`. From zero there is no such thing.
  public static func change(from old: Double, to new: Double, digits: Int = 1) -> String {
    guard old != 0 else { return "–" }
    let text = fixed((new - old) / abs(old) * 100, digits: digits)
    return (text.hasPrefix("-") ? "" : "+") + text + " %"
  }

  /// A time in a fitting unit: `3.2 ms`, `12.4 s`, `2:05 min`.
  public static func duration(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    return switch seconds {
    case ..<0.001: fixed(seconds * 1e6, digits: 1) + " µs"
    case ..<1: fixed(seconds * 1e3, digits: 1) + " ms"
    case ..<60: fixed(seconds, digits: 1) + " s"
    default: clock(duration) + (seconds < 3600 ? " min" : " h")
    }
  }

  /// A time to the second: `0:25`, `12:05`, `1:02:05`.
  public static func clock(_ duration: Duration) -> String {
    let seconds = Int((duration / .seconds(1)).rounded())
    let tail = String(format: "%02d", seconds % 60)
    guard seconds >= 3600 else { return "\(seconds / 60):\(tail)" }
    return "\(seconds / 3600):" + String(format: "%02d", seconds / 60 % 60) + ":\(tail)"
  }

  /// Three significant digits in the unit that leaves at most three before the point.
  private static func scaled(_ value: Double, units: [String]) -> String {
    var value = value
    var unit = 0
    // 999.5 rounds to 1000, which belongs to the next unit.
    while abs(value) >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let digits = unit == 0 ? 0 : abs(value) >= 99.95 ? 0 : abs(value) >= 9.995 ? 1 : 2
    return fixed(value, digits: digits) + units[unit]
  }
}
