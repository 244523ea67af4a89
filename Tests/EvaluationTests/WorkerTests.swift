import Evaluation
import EvaluationTestKit
import Foundation
import Processes
import TensorCore
import Testing

@Suite struct WorkerTests {
  private func client(fault: String? = nil, _ change: (inout EvaluationClient.Timeouts) -> Void = { _ in })
    -> EvaluationClient
  {
    var command = ProcessCommand.worker
    command.environment["WORKBENCH_WORKER_FAULT"] = fault ?? ""
    var timeouts = EvaluationClient.Timeouts()
    change(&timeouts)
    return EvaluationClient(command, timeouts: timeouts)
  }

  /// x[i] = (i, −i)
  private func samples(_ count: Int) throws -> Dataset {
    let values = (0..<count).flatMap { [Float($0), Float(-$0)] }
    return try Dataset(source: "test", columns: [.init("x", Tensor(float32: values, [count, 2]))])
  }

  @Test func evaluatesSamplesInTheirOrder() throws {
    let client = client()
    let session = try client.session(TinyModel.linear([1, 0, 0, 0, 1, 0]).source, .faithful)
    #expect(session.inputs == [ValueSignature("x", .float32, ["N", 2])])
    let result = try client.evaluate(
      session, on: client.dataset(samples(10)), samples: [7, 2, 9], batchSize: 2)
    #expect(result.outputs.first?.dimensions == [3, 3])
    #expect(try result.outputs.first?.doubles() == [7, -7, 0, 2, -2, 0, 9, -9, 0])
    #expect(result.runtimeSeconds > 0)
  }

  @Test func aFixedBatchSizeIsFilledUp() throws {
    let client = client()
    let session = try client.session(TinyModel.linear(batch: "4").source, .faithful)
    let result = try client.evaluate(session, on: client.dataset(samples(10)))
    #expect(result.outputs.first?.dimensions == [10, 3])
    #expect(try result.outputs.first?.doubles().suffix(3) == [9, -9, 0])
  }

  @Test func fixedInputsAreTheSameForEveryBatch() throws {
    let model = try TinyModel(
      "g (float[N,2] x, bool gate) => (float[N,2] y) { n = Neg(x) y = Where(gate, x, n) }")
    let client = client()
    let session = try client.session(model.source, .faithful)
    let dataset = try client.dataset(samples(3))
    for (gate, sign) in [(true, 1.0), (false, -1.0)] {
      let result = try client.evaluate(
        session, on: dataset, batchSize: 1, fixedInputs: ["gate": Tensor(bool: [gate], [])])
      #expect(try result.outputs.first?.doubles() == [0, 0, 1, -1, 2, -2].map { $0 * sign })
    }
  }

  @Test func opensADataSetByItsPath() throws {
    let npz = NumpyFiles.npz([
      .init(name: "x", contents: NumpyFiles.npy("|u1", "(3, 2)", [1, 2, 3, 4, 5, 6] as [UInt8]))
    ])
    let client = client()
    let session = try client.session(TinyModel.linear().source, .faithful)
    try withTemporaryFile(npz) { path in
      let result = try client.evaluate(session, on: client.dataset(Dataset.load(path)))
      #expect(try result.outputs.first?.doubles() == [1, 2, 0, 3, 4, 0, 5, 6, 0])
    }
  }

  @Test func rowsRunInTheSizeThatTheModelTakes() throws {
    let client = client()
    for batch in ["N", "1", "4"] {
      let session = try client.session(TinyModel.linear(batch: batch).source, .faithful)
      let x = try Tensor(float32: (0..<20).map { Float($0) }, [10, 2])
      let rows = try client.run(session, rows: ["x": x]).outputs.first
      let whole = try client.evaluate(
        session, on: client.dataset(Dataset(source: "", columns: [.init("x", x)]))
      ).outputs.first
      #expect(rows?.dimensions == [10, 3])
      #expect(try rows?.doubles() == whole?.doubles())
    }
  }

  #if os(Linux)
    /// The worker lives on.
    @Test func aRunThatNeedsTooMuchMemoryFails() throws {
      let model = try TinyModel("g (int64[1] n) => (float[1] y) { z = ConstantOfShape(n) y = ReduceSum(z) }")
      let client = EvaluationClient(memoryLimit: 1 << 30)
      let session = try client.session(model.source, .faithful)
      let error = #expect(throws: WorkerError.self) {
        try client.run(session, ["n": Tensor(int64: [1 << 29])])
      }
      #expect(error?.description.hasPrefix("out of memory: a worker may take 1024 MiB") == true)
      #expect(try client.run(session, ["n": Tensor(int64: [4])]).outputs.first?.doubles() == [0])
      #expect(client.statistics.losses == 0)
    }
  #endif

  @Test func runsOnceWithoutADataSet() throws {
    let client = client()
    let session = try client.session(TinyModel.unary("Identity", "string[N]").source, .faithful)
    let result = try client.run(session, ["x": Tensor(strings: ["a", "ü", ""])])
    #expect(result.outputs.first?.storage.strings == ["a", "ü", ""])
  }

  @Test func latencyIsMeasuredInPairs() throws {
    let client = client()
    let one = try client.session(TinyModel.linear().source, SessionOptions())
    let other = try client.session(TinyModel.linear().source, SessionOptions())
    let plan = LatencyPlan(warmUps: 1, repetitions: 5)
    let seconds = try client.latency(
      of: [one, other], on: client.dataset(samples(4)), batchSize: 8, plan: plan)
    #expect(
      seconds[0].count == seconds[1].count && seconds[0].count >= 3 && seconds.joined().allSatisfy { $0 > 0 })
    // Warm-ups are time in the engine, too.
    #expect(client.statistics.insideRuntime > seconds.joined().reduce(0, +))
  }

  @Test func startsInTheBackground() throws {
    let client = client()
    let dataset = try client.dataset(samples(2))
    client.startInBackground(for: [dataset])
    let session = try client.session(TinyModel.linear().source, .faithful)
    #expect(try client.evaluate(session, on: dataset).outputs.first?.doubles() == [0, 0, 0, 1, -1, 0])
    #expect(try client.start().hasPrefix("ONNX Runtime "))
  }

  @Test func resultsStayInTheWorkerAndAreComputedAgainAfterALoss() throws {
    let client = client(fault: "crash-on-run")
    let negation = try client.session(TinyModel.unary("Neg", "float[N,2]").source, .faithful)
    let linear = try client.session(TinyModel.linear().source, .faithful)
    let negated = try client.results(
      of: negation, output: "y", on: client.dataset(samples(4)), samples: [3, 1], as: "x")
    #expect(try client.evaluate(linear, on: negated).outputs.first?.doubles() == [-3, 3, 0, -1, 1, 0])
    #expect(throws: WorkerError.self) {
      try client.run(linear, ["x": Tensor(float32: [1, 2], [1, 2])])
    }
    #expect(try client.evaluate(linear, on: negated).outputs.first?.doubles() == [-3, 3, 0, -1, 1, 0])
    #expect(client.statistics.losses == 1)
  }

  @Test func aRefusedModelLeavesTheWorkerAlone() throws {
    let client = client()
    let error = #expect(throws: WorkerError.self) {
      try client.session(.bytes([1, 2, 3], name: "noise"), .faithful)
    }
    #expect(error?.description.hasPrefix("noise: ") == true)
    #expect(error?.isLoss == false)
    _ = try client.session(TinyModel.linear().source, .faithful)
    #expect(client.statistics.losses == 0)
  }

  @Test func aCrashCostsOneCall() throws {
    let client = client(fault: "crash-on-session:2")
    let first = try client.session(TinyModel.linear().source, .faithful)
    let dataset = try client.dataset(samples(2))
    #expect(try client.evaluate(first, on: dataset).outputs.first?.dimensions == [2, 3])
    let error = #expect(throws: WorkerError.self) { try client.session(TinyModel.linear().source, .faithful) }
    guard case .crashed(signal: 11, _) = error else {
      Issue.record("\(error as Any)")
      return
    }
    // The next call starts a worker that knows neither session nor data set: both are sent again.
    #expect(try client.evaluate(first, on: dataset).outputs.first?.dimensions == [2, 3])
    #expect(client.statistics.losses == 1)
  }

  @Test func aHangEndsAtTheTimeout() throws {
    let client = client(fault: "hang-on-evaluate")
    let session = try client.session(TinyModel.linear().source, .faithful)
    let error = #expect(throws: WorkerError.self) {
      try client.evaluate(session, on: client.dataset(samples(2)), timeout: 0.3)
    }
    #expect(error == .timedOut(seconds: 0.3))
  }

  @Test(arguments: ["garbage-on-run", "exit-on-run"])
  func noiseAndEarlyEndsAreLosses(_ fault: String) throws {
    let client = client(fault: fault)
    let session = try client.session(TinyModel.linear().source, .faithful)
    let error = #expect(throws: WorkerError.self) {
      try client.run(session, ["x": Tensor(float32: [1, 2], [1, 2])])
    }
    #expect(error?.isLoss == true)
    #expect(error == (fault.hasPrefix("garbage") ? .garbage : .exited(status: 3, log: "")))
  }

  @Test func cancellingEndsTheCallUnderWay() async throws {
    let client = client(fault: "hang-on-run")
    let session = try client.session(TinyModel.linear().source, .faithful)
    Thread.detachNewThread {
      usleep(200_000)
      client.cancel()
    }
    let error = #expect(throws: WorkerError.self) {
      try client.run(session, ["x": Tensor(float32: [1, 2], [1, 2])])
    }
    #expect(error == .cancelled)
  }

  @Test func aConditionEndsTheCallsInItsScopeOnly() throws {
    let client = client(fault: "hang-on-run")
    let session = try client.session(TinyModel.linear().source, .faithful)
    let deadline = DispatchTime.now() + 0.2
    let error = #expect(throws: WorkerError.self) {
      try client.cancelling(when: { DispatchTime.now() > deadline }) {
        try client.run(session, ["x": Tensor(float32: [1, 2], [1, 2])])
      }
    }
    #expect(error == .cancelled)
    let result = try client.evaluate(session, on: client.dataset(samples(2)))
    #expect(result.outputs.first?.dimensions == [2, 3])
  }

  @Test func aMissingExecutableIsNamed() throws {
    let client = EvaluationClient(ProcessCommand(executable: "/no/such/workbench"))
    client.startInBackground()
    let error = #expect(throws: WorkerError.self) { try client.session(TinyModel.linear().source, .faithful) }
    #expect(error?.description == "cannot start a worker: /no/such/workbench: No such file or directory")
  }

  @Test func aMissingLibraryIsToldInOneSentence() throws {
    let client = EvaluationClient(.worker, libraryPath: "/no/such/lib.so")
    let error = #expect(throws: WorkerError.self) { try client.session(TinyModel.linear().source, .faithful) }
    #expect(error?.description.contains("make setup") == true)
  }
}
