import CommandLineKit
import PassPipeline

/// Which passes `opt` runs.
struct PipelineOptions: ParameterGroup {
  enum Named: String, CaseIterable, OptionValue {
    case exact, ort

    var pipeline: Pipeline { self == .ort ? .onnxRuntime : .exact }
  }

  @Option("--pipeline", help: "exact runs everywhere; ort adds operators of ONNX Runtime's own") var named =
    Named.exact
  @Option(
    "--passes", help: "a pipeline of your own", placeholder: "PIPELINE", defaultText: "that of --pipeline")
  var passes: String?

  func pipeline(searchesOrder: Bool) throws -> Pipeline {
    guard passes == nil || !searchesOrder else {
      throw UsageError("--search-order makes a pipeline, --passes names one")
    }
    guard named == .exact || !searchesOrder else {
      throw UsageError("--search-order varies the exact pipeline, not --pipeline \(named.rawValue)")
    }
    guard passes == nil || named == .exact else {
      throw UsageError("give --pipeline or --passes, not both")
    }
    return try passes.map { try Pipeline(parsing: $0) } ?? named.pipeline
  }

  /// Refuses a target that lacks the operators of the pipeline.
  func requireRuntime(of opsets: OpsetOptions) throws {
    guard named == .ort, let target = opsets.target, !opsets.targetsInstalledRuntime else { return }
    throw CommandError(
      "--pipeline ort: '\(target)' may lack operators that the installed ONNX Runtime has",
      help: ["--target ort stands for the one that is installed"])
  }

  /// What people have to know of the result.
  var notes: [String] {
    named == .ort ? ["the result runs in ONNX Runtime only; keep the model that it was made of"] : []
  }
}
