import CommandLineKit
import Evaluation
import GraphAnalysis
import GraphIR
import ONNXFormat
import PassPipeline
import TensorCore

/// Proof of a pipeline's result: it runs beside the original, and if they differ, the step at fault is sought.
struct ResultProof {
  enum Outcome {
    /// Why nothing was compared.
    case skipped(String)
    case same(draws: Int, largestError: Double, unstable: [String])
    case different(String, StepBisection.Culprit)
  }

  let manager: PassManager
  let pipeline: Pipeline
  let before: Model
  let path: FilePath
  let data: FilePath?
  let seed: Int
  let client: EvaluationClient

  func outcome(of after: Model, steps: Int) throws -> Outcome {
    guard after.edition != before.edition else { return .skipped("nothing changed") }
    guard !before.outputs(of: before.mainGraph).isEmpty else { return .skipped("the model has no outputs") }
    guard !before.inputSignatures.isEmpty || data == nil else { return .skipped("the model has no inputs") }
    let check: ResultCheck
    do {
      check = try ResultCheck(
        ModelFile.source(of: before, readFrom: path), on: inputs(), depth: before.allNodes.count,
        client: client)
    } catch let error as DatasetError where data == nil {
      return .skipped("\(error)")
    } catch let error as WorkerError {
      return .skipped("the original could not be run: \(error)")
    }
    switch try verdict(check, on: after) {
    case .same(let largestError, let unstable):
      return .same(draws: check.draws, largestError: largestError, unstable: unstable)
    case .different(let comparison):
      return .different("\(comparison)", try culprit(among: steps, check))
    case .refused(let message):
      return .different("the result cannot be run: \(message)", try culprit(among: steps, check))
    }
  }

  /// What takes a worker's time away says nothing of the result.
  private func verdict(_ check: ResultCheck, on after: Model) throws -> ResultCheck.Verdict {
    do {
      return try check.verdict(on: source(of: after))
    } catch let error as WorkerError {
      throw CommandError(
        "\(path): results were not compared: \(error)", help: ["nothing was written; --no-check goes without"]
      )
    }
  }

  private func culprit(among steps: Int, _ check: ResultCheck) throws -> StepBisection.Culprit {
    let evaluator = WorkerConstantEvaluator(client)
    return try StepBisection(manager, pipeline, on: before, evaluator: evaluator)
      .culprit(among: steps) { try verdict(check, on: $0).isSame }
  }

  private func inputs() throws -> AnySequence<[String: Tensor]> {
    guard let data else {
      // Drawn ranges depend on types that only inference knows.
      var typed = before
      ShapeInference.run(on: &typed)
      return AnySequence(try InputDraws(for: typed, seed: UInt64(seed)))
    }
    let dataset = try Dataset.load(data.string, for: before.inputSignatures)
    let binding = try dataset.binding(to: before.inputSignatures)
    let size = min(binding.batchSize(wanted: 16), dataset.count)
    let starts = stride(from: 0, through: max(0, dataset.count - size), by: size).prefix(3)
    return AnySequence(try starts.map { try binding.batch(Array($0..<$0 + size)) })
  }

  private func source(of model: Model) throws -> SessionSource {
    .bytes(try ONNXFormat.encode(model.named()), name: "the result")
  }
}

extension ResultProof.Outcome {
  /// One line for people.
  var summary: String {
    switch self {
    case .skipped(let reason): return "results were not compared: \(reason)"
    case .same(let draws, let error, let unstable):
      let doubt =
        unstable.isEmpty
        ? ""
        : "; says nothing of \(unstable.joined(separator: ", ")), which the original does not reproduce itself"
      return "same results on \(draws) draws of inputs, largest difference \(error)\(doubt)"
    case .different(let difference, let culprit):
      return "\(difference); the fault came with step \(culprit.step), \(culprit)"
    }
  }
}
