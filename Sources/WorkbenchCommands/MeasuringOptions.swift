import CommandLineKit
import Evaluation
import GraphIR

/// What a model is measured on, and by what: the options of every command that judges models by their task.
struct MeasuringOptions: ParameterGroup {
  @Option(
    "--data", help: "samples with labels: .npz, .csv, a folder of .npy files or of ONNX test sets",
    defaultText: "eval.npz beside the model")
  var data: FilePath?
  @Option("--calibration", help: "samples to refit on", defaultText: "calib.npz beside the model")
  var calibration: FilePath?
  @Option(
    "--label-column", help: "the labels of data that is .csv", placeholder: "NAME",
    defaultText: "labels or label")
  var labelColumn: String?
  @Option(
    "--metric", help: "\(MetricName.examples.joined(separator: ", "))",
    defaultText: "what fits the labels")
  var metric: MetricName?
  @Option(
    "--ignore-label", help: "decisions with this label do not count (macro-f1, miou)",
    defaultText: "none but negative ones")
  var ignoredLabel: Int?
  @Option(
    "--output", help: "the graph's output that is measured", defaultText: "the first that fits the labels")
  var output: String?
  @Flag("--require-data", help: "fail where there is no data, instead of drawing inputs") var requireData

  func validate() throws {
    if labelColumn != nil, data.map({ Dataset.isTable($0.string) }) != true {
      throw UsageError("--label-column needs --data FILE.csv")
    }
    guard ignoredLabel != nil, metric != .macroF1, metric != .meanIoU else { return }
    throw UsageError("--ignore-label needs --metric macro-f1 or miou")
  }

  var metricRequest: MetricRequest {
    MetricRequest(metric, output: output, ignoredLabel: ignoredLabel)
  }

  /// The samples that are named, or lie beside the model, or are drawn.
  /// - Parameter seed: of drawn inputs.
  func samples(for model: Model, readFrom path: FilePath, seed: Int) throws -> SearchData {
    try SearchData.find(
      for: model, modelPath: path, evaluation: data, calibration: calibration,
      labelColumn: labelColumn, seed: seed, mustExist: requireData)
  }
}

extension MetricName: OptionValue {
  public init(argument: String) throws {
    guard let metric = MetricName(argument) else {
      throw OptionValueError(expected: "one of \(Self.examples.joined(separator: ", "))")
    }
    self = metric
  }

  public var argument: String { name }
  public static var placeholder: String { "NAME" }
}
