import CommandLineKit
import GraphIR

/// What a model is measured on, and by what: the options of every command that judges models by their task.
struct MeasuringOptions: ParameterGroup {
  @Option("--data", help: "samples with labels", defaultText: "eval.npz beside the model") var data: FilePath?
  @Option("--calibration", help: "samples to refit on", defaultText: "calib.npz beside the model")
  var calibration: FilePath?
  @Option(
    "--output", help: "the graph's output that is measured", defaultText: "the first that fits the labels")
  var output: String?
  @Flag("--require-data", help: "fail where there is no data, instead of drawing inputs") var requireData

  /// The samples that are named, or lie beside the model, or are drawn.
  /// - Parameter seed: of drawn inputs.
  func samples(for model: Model, readFrom path: FilePath, seed: Int) throws -> SearchData {
    try SearchData.find(
      for: model, modelPath: path, evaluation: data, calibration: calibration, seed: seed,
      mustExist: requireData)
  }
}
