import Evaluation
import Foundation
import GraphIR
import PassPipeline
import Processes
import TensorCore
import Testing

@Suite struct WorkerConstantEvaluatorTests {
  private func client(fault: String = "") -> EvaluationClient {
    var command = ProcessCommand.worker
    command.environment["WORKBENCH_WORKER_FAULT"] = fault
    return EvaluationClient(command)
  }

  /// `y` = 1 + 2.
  private func sum() throws -> Model {
    let text = "g () => (float y) <float a = {1}, float b = {2}> { y = Add(a, b) }"
    return try Model(NamedModel(parsing: "<ir_version: 8, opset_import: [\"\" : 17]>\n\(text)"))
  }

  @Test func computesInTheWorker() throws {
    let evaluator = WorkerConstantEvaluator(client())
    #expect(try evaluator.evaluate(sum()).map { try $0.doubles() } == [[3]])
  }

  /// The second try of the same model would lose a second worker.
  @Test(arguments: ["crash-on-run", "crash-on-session", "hang-on-run", "garbage-on-run"])
  func aModelThatLosesItsWorkerIsNotTriedAgain(fault: String) throws {
    let client = client(fault: fault)
    let evaluator = WorkerConstantEvaluator(client, secondsLimit: 0.2)
    for _ in 0..<2 {
      let error = #expect(throws: WorkerError.self) { try evaluator.evaluate(sum()) }
      #expect(error?.isLoss == true)
    }
    #expect(client.statistics.losses == 1)
  }

  @Test func aWorkerThatDoesNotStartIsUnavailable() throws {
    let client = client(fault: "crash-on-start")
    let evaluator = WorkerConstantEvaluator(client)
    for _ in 0..<2 { #expect(throws: EvaluatorUnavailable.self) { try evaluator.evaluate(sum()) } }
    #expect(client.statistics.losses == 1)
  }

  @Test func nothingIsStartedBeforeTheFirstConstant() throws {
    let client = EvaluationClient(ProcessCommand(executable: "/no/such/workbench"))
    let evaluator = WorkerConstantEvaluator(client)
    #expect(client.statistics.total == 0)
    #expect(throws: EvaluatorUnavailable.self) { try evaluator.evaluate(sum()) }
  }
}
