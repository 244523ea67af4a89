import CommandLineKit
import Evaluation
import GraphIR
import PassPipeline
import Passes

/// Which version of the standard operators the result should have, so that newer operators can be used.
struct OpsetOptions: ParameterGroup {
  @Option(
    "--opset", help: "raise the model to this version of the standard operators first",
    placeholder: "N", defaultText: "the model's own", check: .atLeast(1))
  var opset: Int?
  @Option(
    "--target", help: "the same for the newest version that a runtime runs: ort, or onnxruntime-1.N",
    placeholder: "RUNTIME", defaultText: "none")
  var target: String?

  var targetsInstalledRuntime: Bool { target == "ort" }

  /// The conversion that comes before a pipeline; nothing where none is asked for.
  func conversion(of model: Model, libraryPath: String?) throws -> Pipeline {
    guard let version = try version(for: model, libraryPath: libraryPath) else { return Pipeline([]) }
    return try Pipeline(parsing: "convert-opset{to=\(version)}")
  }

  private func version(for model: Model, libraryPath: String?) throws -> Int? {
    guard let target else { return opset }
    guard opset == nil else { throw CommandError("give --opset or --target, not both") }
    let runtime =
      try target == "ort" ? OnnxRuntime.load(explicitPath: libraryPath).version : release(of: target)
    guard let version = RuntimeOpsets.newest(forONNXRuntime: runtime, running: model) else {
      throw CommandError("'\(target)' is no target: ort is, and onnxruntime-1.N")
    }
    return version
  }

  private func release(of target: String) -> String {
    target.hasPrefix("onnxruntime-") ? String(target.dropFirst("onnxruntime-".count)) : ""
  }
}
