import Foundation

extension Double {
  /// As people read losses while they wait.
  var shown: String { String(format: "%.4f", self + 0) }
}
