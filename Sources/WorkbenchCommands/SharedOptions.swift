import CommandLineKit
import Foundation

/// The options of every command that runs models.
struct RunningOptions: ParameterGroup {
  @Option(
    "--threads", help: "threads of the runtime", defaultText: "all cores", check: .range(1...256))
  var threads: Int?
  @Option(
    "--ort-lib", help: "ONNX Runtime's shared library", defaultText: "what `make setup` fetched")
  var runtimeLibrary: FilePath?

  var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// Paths on the command line, not the helper functions of TensorCore.
typealias FilePath = CommandLineKit.FilePath
