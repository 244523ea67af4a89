import CommandLineKit
import Evaluation
import GraphIR

// What commands that measure changes of a model have in common.

/// Nothing can be removed from nothing, and without inputs or outputs nothing can be measured.
func requireParts(of model: Model, at path: FilePath) throws {
  let lack: (part: String, consequence: String)? =
    if model.outputs(of: model.mainGraph).isEmpty {
      ("outputs", "measure")
    } else if model.inputSignatures.isEmpty {
      ("inputs", "run it on")
    } else if model.operatorCount == 0 {
      ("operators", "remove")
    } else {
      nil
    }
  guard let lack else { return }
  throw CommandError(
    "\(path): the model has no \(lack.part), so that there is nothing to \(lack.consequence)")
}

extension EvaluationClient {
  /// A second worker is tried where the first is lost; a missing engine is told before anything is written.
  func startWithRetry() throws -> String {
    do {
      return try start()
    } catch let error as WorkerError where error.isLoss {
      return try start()
    }
  }
}

extension SearchData {
  /// Labels come from one file only.
  func naming(_ error: any Error) -> any Error {
    guard let error = error as? DatasetError, error.array == "labels", error.file == nil else { return error }
    return error.concerning(file: evaluation.source)
  }
}
