import Candidates
import Evaluation
import GraphIR
import TensorCore

/// Reads values inside a model while it runs on calibration data: many of them in one run.
struct Taps: ActivationSource {
  let model: Model
  let calibration: SampleSet
  let runner: VariantRunner

  var sampleCount: Int { calibration.count }

  func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
    guard !values.isEmpty else { return }
    let named = values.enumerated().map { (name: "workbench_tap_\($0.offset)", value: $0.element) }
    var part = try model.extracting(named)
    let order = SampleOrder(of: &part)
    let variant = try runner.prepare(part)
    let chosen = calibration.prefix(samples)
    let length = batchLength(for: values)
    for start in stride(from: 0, to: chosen.count, by: length) {
      try body(order.restored(runner.run(variant, on: chosen.slice(start..<start + length))))
    }
  }

  /// As many samples as keep the values of one run within the memory for them.
  private func batchLength(for values: [ValueID]) -> Int {
    let sizes = values.compactMap { ActivationStore.byteCount(of: $0, in: model) }
    let total = sizes.reduce(0) { sum, size in sum.addingReportingOverflow(size).overflow ? .max : sum + size
    }
    return min(max(runner.options.memory.activations / max(total, 1), 1), runner.options.batchSize)
  }
}
