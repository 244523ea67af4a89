import Foundation

/// Numbers of reports, the same in every locale. There is no negative zero.

func fixed(_ value: Double, digits: Int = 4) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
  let text = String(format: "%.\(digits)f", value)
  return text.hasPrefix("-") && text.allSatisfy({ "-0.".contains($0) }) ? String(text.dropFirst()) : text
}

func signed(_ value: Double, digits: Int = 4) -> String {
  (value > 0 ? "+" : "") + fixed(value, digits: digits)
}

/// Empty where there was nothing.
func ratio(_ after: Int, _ before: Int) -> String {
  before == 0 ? "" : "× \(fixed(Double(after) / Double(before), digits: 2))"
}

func milliseconds(_ latency: SearchReport.Latency) -> String {
  fixed(latency.medianMilliseconds, digits: 3) + " ms"
}

/// As in `1 thread`.
public func threadCount(_ count: Int) -> String { count == 1 ? "1 thread" : "\(count) threads" }

/// A gain as what it changes: less is negative.
func less(_ gain: Int, _ text: (Int) -> String) -> String {
  (gain > 0 ? "-" : gain < 0 ? "+" : "") + text(Int(clamping: gain.magnitude))
}
