import EvaluationTestKit
import Foundation

/// Samples for `TestModel.residual`.
struct Samples {
  private(set) var inputs: [Float]
  let labels: [Int64]
  let count: Int

  /// Inputs in −1…1 from a linear congruential generator; the labels are what the model answers without its
  /// first branch.
  init(_ count: Int) {
    var state: UInt32 = 12345
    inputs = (0..<count * 4).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 23) - 1
    }
    self.count = count
    labels = inputs.indices.filter { $0 % 4 == 0 }.map { [inputs] start in
      Self.answer(Array(inputs[start..<start + 4]))
    }
  }

  mutating func setInput(_ column: Int, of sample: Int, to value: Float) {
    inputs[sample * 4 + column] = value
  }

  /// An `.npz` file; a name that is nil leaves its array out.
  /// - Parameter label: of a sample, instead of what the model answers.
  func npz(
    inputName: String = "x", labelCount: Int? = nil, columns: Int = 4, hasLabels: Bool = true,
    label: ((Int) -> Int64)? = nil
  ) -> [UInt8] {
    let rows = count * 4 / columns
    var entries = [
      NumpyFiles.Entry(name: inputName, contents: NumpyFiles.npy("<f4", "(\(rows), \(columns))", inputs))
    ]
    if hasLabels {
      let labels = label.map { label in (0..<count).map(label) } ?? Array(labels.prefix(labelCount ?? count))
      entries.append(.init(name: "labels", contents: NumpyFiles.npy("<i8", "(\(labels.count),)", labels)))
    }
    return NumpyFiles.npz(entries)
  }

  private static func answer(_ x: [Float]) -> Int64 {
    let u = [x[0] - tanh3(x[1]), x[1] + tanh3(x[0]), x[2] - tanh3(x[3]), x[3] + tanh3(x[2])]
    let scores = [u[0] + u[3] / 2, u[1] - u[3] / 2, u[2] + u[3] / 2]
    return Int64(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
  }

  private static func tanh3(_ value: Float) -> Float { Float(tanh(3 * Double(value))) }
}
