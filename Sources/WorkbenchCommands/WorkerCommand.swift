import CommandLineKit
import Evaluation

/// The other side of `EvaluationClient`.
struct WorkerCommand: Command {
  static let name = "worker"
  static let abstract = "run models for another workbench process"
  static let isHidden = true

  func run(on terminal: Terminal) async throws -> ExitCode { WorkerHost.run() }
}
