import Foundation
import Kernels
import TensorCore

/// The power of a signal in proportion to that of its error, 10 · log₁₀(Σ y² / Σ (y′ − y)²) dB, batch by batch.
struct SignalToNoise {
  private var signal = 0.0
  private var error = 0.0
  private var isDefined = true

  mutating func add(_ outputs: Tensor, original: Tensor) throws {
    guard outputs.elementType.isFloatingPoint, original.elementType.isFloatingPoint,
      outputs.elementCount == original.elementCount
    else {
      isDefined = false
      return
    }
    let expected = try original.doubles()
    signal += sumOfSquares(expected)
    error += sumOfSquares(differences(try outputs.doubles(), expected))
  }

  /// Infinite where nothing differs; nil where outputs are not in floating point or not finite, and where there is
  /// no signal.
  var decibels: Double? {
    guard isDefined, signal.isFinite, error.isFinite, signal > 0 else { return nil }
    return error == 0 ? .infinity : 10 * log10(signal / error)
  }

  /// The power of the error in proportion to that of the signal; 0 where it is not known.
  static func errorShare(ofDecibels decibels: Double?) -> Double {
    decibels.map { pow(10, -$0 / 10) } ?? 0
  }
}
