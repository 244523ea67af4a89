import Evaluation
import Foundation
import TensorCore
import Testing

private let benchmarkedModel = ProcessInfo.processInfo.environment["WORKBENCH_BENCHMARK"]

/// Prints what an evaluation costs besides the engine's own time. Runs when `WORKBENCH_BENCHMARK` names a model
/// that has `eval.npz` beside it.
@Suite struct EvaluationBenchmark {
  @Test(.enabled(if: benchmarkedModel != nil)) func overheadOfAnEvaluation() throws {
    let path = try #require(benchmarkedModel)
    let dataset = try Dataset.load(#require(Dataset.find(.evaluation, besideModel: path)))
    let client = EvaluationClient()
    let session = try client.session(.file(path), SessionOptions(optimization: .all))
    let handle = client.dataset(dataset)
    let first = try client.evaluate(session, on: handle, samples: [0])
    print("outputs \(first.outputs.map(\.type)), \(dataset.count) samples")
    for batchSize in [16, 64, 256] {
      let before = client.statistics
      let clock = ContinuousClock()
      var outputs: [Tensor] = []
      let total = try clock.measure {
        outputs = try client.evaluate(session, on: handle, batchSize: batchSize).outputs
      }
      var value = 0.0
      let scoring = try clock.measure {
        let named = zip(session.outputs, outputs).map { (name: $0.name, values: $1) }
        let metric = try MetricChoice(outputs: named, labels: dataset.labels).metric
        let output = try #require(named.first { $0.name == metric.output }).values
        value = try metric.scores(of: output, against: dataset.labels ?? output).mean
      }
      let inside = client.statistics.insideRuntime - before.insideRuntime
      let outside = total / .seconds(1) - inside
      print(
        "batch \(batchSize): metric \(value), in the engine \(inside) s, besides \(outside) s "
          + "(\(100 * outside / inside) %), scoring \(scoring)")
    }
  }
}
