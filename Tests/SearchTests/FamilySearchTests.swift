import Candidates
import Evaluation
import GraphIR
import Synchronization
import TensorCore
import Testing

@testable import Search

/// Schedules on y = x, whose step k adds what changes the sign of one sample in a hundred.
@Suite struct FamilySearchTests {
  private struct Shift: Schedule {
    let steps: [ScheduledStep]
    let value: ValueID
    let tried: Tried

    init(steps count: Int, in model: Model) throws {
      let node = try #require(model.nodes(of: model.mainGraph).first)
      value = try #require(model.output(0, of: node))
      tried = Tried()
      steps = (0..<count).map {
        ScheduledStep(title: "\($0)", nodes: [node], predictedError: 1, saving: Saving(bytes: 1))
      }
    }

    func apply(_ chosen: [Int], to model: inout Model) throws {
      tried.counts.withLock { $0.append(chosen.count) }
      try model.edit(as: "shift") { rewriter in
        let shift = rewriter.addConstant(
          try Tensor(float32: [Float(chosen.count), 0]), in: rewriter.model.mainGraph)
        let node = try #require(rewriter.model.producer(of: value))
        rewriter.setInputs(of: node, to: [rewriter.model.inputs(of: node)[0], shift])
      }
    }
  }

  private final class Tried: Sendable {
    let counts = Mutex<[Int]>([])
  }

  private struct Strategy: ScheduleGenerator {
    static let name = "shift"
    static let summary = "adds to one score"
    static let stage = StrategyStage.narrowing
    static let examples: [StrategyExample] = []

    func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
      -> (any Schedule)?
    { nil }
  }

  /// Sample i has the scores −i − ½ and 0, so that adding k to the first turns the decision of k samples of 100.
  private func search(_ count: Int, share: Double = 1) throws -> (found: [String], tried: [Int]) {
    let model = try typedModel("y = Add(x, c)", given: "float[N, 2] x; const float[2] c = {0, 0}")
    let rows = (0..<1000).flatMap { [-Float($0 % 100) - 0.5, Float(0)] }
    let runner = VariantRunner.forTests(model, samples: 1000)
    let samples = try runner.samples(["x": Tensor(float32: rows, [1000, 2])])
    let output = (name: "y", value: model.outputs(of: model.mainGraph)[0])
    var scorer = Scorer(metric: Metric(.agreement, output: "y"), labels: nil)
    let original = try runner.prepare(model.extracting([output]))
    try scorer.setBaseline(runner.run(original, on: samples)[0], for: samples.indices)
    let test = BudgetTest(
      judge: Judge(runner: runner, scorer: scorer, head: nil), samples: samples,
      calibration: samples.prefix(0),
      allowedLoss: 0.1, share: share, control: SearchControl())
    let schedule = try Shift(steps: count, in: model)
    let family = ScheduleFamily(schedule, of: Strategy(), after: PlanState(model: model))
    let plans = FamilySearch(test: test, control: SearchControl()).run(on: family).plans
    return (plans.compactMap { $0.steps.last?.candidate.title }, schedule.tried.counts.withLock { $0 })
  }

  @Test func aForecastFindsHowFarAScheduleHolds() throws {
    let (found, tried) = try search(40)
    // Nine of a hundred decisions, and the margin of one standard error, are within a tenth.
    #expect(tried == [20, 10, 9])
    #expect(found == ["9 of 40 steps"])
  }

  @Test func aPartOfTheBudgetIsKeptForOthers() throws {
    #expect(try search(40, share: 0.5).found.last == "5 of 40 steps")
  }

  @Test func whatHoldsWholeIsTakenWhole() throws {
    #expect(try search(4).found.last == "4 of 4 steps")
  }

  @Test func nothingIsFoundWhereTheFirstStepFails() throws {
    #expect(try search(40, share: 0).found.isEmpty)
  }
}
