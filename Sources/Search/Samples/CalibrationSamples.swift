import Evaluation
import GraphIR

/// What models are calibrated and refitted on.
struct CalibrationSamples {
  let samples: SampleSet
  /// How many more there were.
  let leftOut: Int

  /// Nil for `task.calibration` takes some of those that choose, for which the original is known to give numbers.
  ///
  /// Of other samples, those that hold NaN or infinities are left out where the original gives such for them: one of
  /// them would be in every range and every fit. (Trees take NaN for what is missing, and give numbers.)
  ///
  /// - Throws: `ModelError` where none is left.
  init(
    _ dataset: Dataset?, of client: EvaluationClient, choosing: SampleSet, original: VariantRunner.Variant,
    _ runner: VariantRunner
  ) throws {
    guard let dataset else {
      samples = choosing.prefix(512)
      leftOut = 0
      return
    }
    let all = SampleSet(dataset: client.dataset(dataset), indices: Array(0..<dataset.count))
    let suspects = Set(dataset.columns.flatMap(\.values.samplesNotFinite)).sorted()
    guard !suspects.isEmpty else {
      samples = all
      leftOut = 0
      return
    }
    let outputs = try runner.run(original, on: SampleSet(dataset: all.dataset, indices: suspects))
    let useless = Set(outputs.flatMap(\.samplesNotFinite).map { suspects[$0] })
    samples = SampleSet(dataset: all.dataset, indices: all.indices.filter { !useless.contains($0) })
    leftOut = useless.count
    guard samples.count > 0 else {
      throw ModelError(
        "every calibration sample holds NaN or infinities, for which the model gives no numbers",
        file: dataset.source)
    }
  }

  /// For people; nil where all samples are of use.
  var warning: String? {
    guard leftOut > 0 else { return nil }
    return
      "\(leftOut) of \(leftOut + samples.count) calibration samples were left out: they hold NaN or infinities, "
      + "and the model gives no numbers for them"
  }
}
