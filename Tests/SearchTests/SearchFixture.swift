import Candidates
import Evaluation
import GraphIR
import ONNXFormat
import Passes
import Processes
import Synchronization
import TensorCore

@testable import Search

/// A small search on a model given as text, with samples x [count, 4].
struct SearchFixture {
  var text: String
  var given: String
  var x: [[Float]]
  var labels: [Int]?
  var seed: UInt64 = 0
  var budget = 0.01
  var confidence: Double?
  var workerFault = ""
  /// No clock decides.
  var objective = Objective.macs
  /// Begins with the title of the stage at which an interrupt comes.
  var interruptedStage: String?

  /// A branch whose weights are almost zero, between layers that matter.
  static let planted = SearchFixture(
    text: """
      h = MatMul(x, spread); r = Relu(h); s = MatMul(r, gather); \
      b = MatMul(s, tiny); t = Tanh(b); d = MatMul(t, back); sum = Add(s, d); y = MatMul(sum, reversal)
      """,
    given: absolute + "; const float[4, 8] tiny in -0.001...0.001; const float[8, 4] back in -0.01...0.01",
    x: rows(400))

  /// |x| in reversed order: no part can go.
  static let indispensable = SearchFixture(
    text: "h = MatMul(x, spread); r = Relu(h); s = MatMul(r, gather); y = MatMul(s, reversal)",
    given: absolute, x: rows(400))

  /// The branch does nothing but where the marker x[3] is large.
  static let deceptive = SearchFixture(
    text: """
      m = MatMul(x, marker); shifted = Sub(m, 5.0); r = Relu(shifted); b = MatMul(r, effect); sum = Add(x, b); \
      y = MatMul(sum, identity)
      """,
    given: """
      float[N, 4] x; const float[4, 8] marker = {
        0,0,0,0,0,0,0,0, 0,0,0,0,0,0,0,0, 0,0,0,0,0,0,0,0, 1,1,1,1,1,1,1,1};
      const float[8, 4] effect = {
        100,0,0,0, 100,0,0,0, 100,0,0,0, 100,0,0,0, 100,0,0,0, 100,0,0,0, 100,0,0,0, 100,0,0,0};
      const float[4, 4] identity = {1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1}
      """,
    x: rows(400))

  private static let absolute = """
    float[N, 4] x; const float[4, 8] spread = {
      1,0,0,0,-1,0,0,0, 0,1,0,0,0,-1,0,0, 0,0,1,0,0,0,-1,0, 0,0,0,1,0,0,0,-1};
    const float[8, 4] gather = {1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1, 1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1};
    const float[4, 4] reversal = {0,0,0,1, 0,0,1,0, 0,1,0,0, 1,0,0,0}
    """

  /// Names of strategies.
  var strategies = ["ablation"]

  static func rows(_ count: Int) -> [[Float]] {
    let values = noise(count * 4)
    return (0..<count).map { Array(values[($0 * 4)..<($0 * 4 + 4)]) }
  }

  struct Result {
    let outcome: SearchOutcome
    let optimized: [UInt8]
    let losses: Int
    /// Nil where nothing refers to it any more.
    private(set) weak var client: EvaluationClient?
  }

  func run() throws -> Result {
    try withTemporaryFolder { folder in
      let path = FilePath.joining(folder, "model.onnx")
      try ONNXFormat.write(NamedModel(example: text, given: given), to: path, overwriting: false)
      let evaluation = try Dataset(
        source: "test", columns: [.init("x", Tensor(float32: Array(x.joined()), [x.count, 4]))],
        labels: labels.map { try Tensor(int64: $0) })
      let task = SearchTask(
        model: try Model(ONNXFormat.read(path)), modelPath: path, evaluation: evaluation, calibration: nil,
        outputFolder: folder)
      var options = SearchOptions(budget: AccuracyBudget(limit: budget, confidence: confidence), threads: 1)
      options.seed = seed
      options.objective = objective
      var command = ProcessCommand.worker
      command.environment["WORKBENCH_WORKER_FAULT"] = workerFault
      let client = EvaluationClient(command)
      let outcome = try Search(
        task, options: options, strategies: StrategyRegistry.builtIn.makeStrategies(named: strategies),
        client: client,
        evaluator: RuntimeConstantEvaluator(OnnxRuntime.load()),
        control: control
      ).run()
      let optimized = try MappedFile(path: FilePath.joining(folder, "optimized.onnx"))
      return Result(
        outcome: outcome, optimized: optimized.withUnsafeBytes { Array($0) },
        losses: client.statistics.losses, client: client)
    }
  }

  private var control: SearchControl {
    let interrupt = Interrupt()
    return SearchControl(
      onEvent: { [interruptedStage] event in
        if case .stage(let title, _) = event, let interruptedStage, title.hasPrefix(interruptedStage) {
          interrupt.flag.store(true, ordering: .relaxed)
        }
      },
      isInterrupted: { interrupt.flag.load(ordering: .relaxed) })
  }
}

private final class Interrupt: Sendable {
  let flag = Atomic(false)
}
