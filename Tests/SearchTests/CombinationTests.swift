import Candidates
import Evaluation
import GraphIR
import Synchronization
import TensorCore
import Testing

@testable import Passes
@testable import Search

/// On a chain v1 … v8 of negations, removing an odd number changes every decision, an even number none.
@Suite struct CombinationTests {
  private final class Setting {
    let model: Model
    let runner: VariantRunner
    let samples: SampleSet
    let judge: Judge
    let tried = Labels()
    var options = SearchOptions(budget: AccuracyBudget(limit: 0.01), threads: 1)

    final class Labels: Sendable {
      let titles = Mutex<[String]>([])
    }

    init(samples count: Int = 100) throws {
      let nodes = (1...8).map { "v\($0) = Neg(\($0 == 1 ? "x" : "v\($0 - 1)"))" }
      model = try typedModel(nodes.joined(separator: "; "), given: "float[N, 4] x")
      runner = .forTests(model, samples: count)
      samples = try runner.samples(["x": Tensor(float32: noise(4 * count), [count, 4])])
      let output = try #require(model.value("v8"))
      let whole = try runner.prepare(model.extracting([(name: "v8", value: output)]))
      var scorer = Scorer(metric: Metric(.agreement, output: "v8"), labels: nil)
      try scorer.setBaseline(runner.run(whole, on: samples)[0], for: samples.indices)
      judge = Judge(runner: runner, scorer: scorer, head: nil)
      runner.stage = "combining"
    }

    /// Removes `nodes`, counted from 1.
    func candidate(
      _ nodes: ClosedRange<Int>, loss: Double = 0, distortion: Double? = nil
    ) throws -> ScoredCandidate {
      let entry = nodes.lowerBound == 1 ? "x" : "v\(nodes.lowerBound - 1)"
      let candidate = Candidate(
        strategy: "test", kind: "region", title: "\(nodes)",
        nodes: Array(model.nodes(of: model.mainGraph)[(nodes.lowerBound - 1)..<nodes.upperBound]),
        edit: Bypass(
          exit: try #require(model.value("v\(nodes.upperBound)")),
          replacement: try #require(model.value(entry))),
        saving: Saving(nodes: nodes.count, parameters: 0, macs: 0))
      return ScoredCandidate(
        candidate: candidate, samples: 50, loss: loss, bareLoss: loss, distortion: distortion)
    }

    func combine(_ scored: [ScoredCandidate]) -> [PlanState] {
      let tried = tried
      let control = SearchControl { event in
        if case .trying(let label) = event { tried.titles.withLock { $0.append(label) } }
      }
      let test = BudgetTest(
        judge: judge, samples: samples, calibration: samples.prefix(0), allowedLoss: 0.01, control: control)
      return Combination(test: test, options: options, control: control).combine(scored, base: model)
    }

    var triedTitles: [String] { tried.titles.withLock { $0 } }
  }

  @Test func stepsThatStayWithinTheBudgetAreTakenTogether() throws {
    let setting = try Setting(samples: 1000)
    let states = setting.combine([try setting.candidate(1...2), try setting.candidate(5...6)])
    #expect(states.map(\.steps.count) == [0, 2])
    #expect(states.last?.model.operators.count == 4)
    #expect(states.last?.loss == 0)
  }

  @Test func candidatesThatShareNodesWithAStepAreDone() throws {
    let setting = try Setting(samples: 1000)
    let states = setting.combine([try setting.candidate(1...4), try setting.candidate(3...6)])
    #expect(states.count == 2)
    #expect(setting.triedTitles.count == 1)
  }

  @Test func whereTheWiderIsRefusedTheNarrowerIsTried() throws {
    let setting = try Setting(samples: 1000)
    let states = setting.combine([try setting.candidate(1...2), try setting.candidate(1...3)])
    #expect(setting.triedTitles == ["1...3", "1...2"])
    #expect(states.last?.model.operators.count == 6)
  }

  @Test func twinsOfWhatWasRefusedAreNotTried() throws {
    let setting = try Setting()
    let states = setting.combine([
      try setting.candidate(1...3, loss: 0.001, distortion: 0.7),
      try setting.candidate(1...1, loss: 0.001, distortion: 0.7),
    ])
    #expect(states.count == 1)
    #expect(setting.triedTitles == ["1...3"])
  }

  @Test func whatComesBehindARefusedOneIsTriedAlone() throws {
    let setting = try Setting(samples: 1000)
    let states = setting.combine([
      try setting.candidate(1...1), try setting.candidate(3...4), try setting.candidate(5...6),
    ])
    #expect(states.last?.steps.map(\.candidate.title).sorted() == ["3...4", "5...6"])
  }

  @Test func patienceEnds() throws {
    let setting = try Setting()
    setting.options.patience = 3
    _ = setting.combine(try [4...4, 3...5, 2...6, 1...7].map { try setting.candidate($0) })
    #expect(setting.triedTitles.count == 3)
  }

  @Test func whatAloneLosesFarMoreThanTheBudgetIsNotTried() throws {
    let setting = try Setting()
    _ = setting.combine([try setting.candidate(1...2, loss: 0.9), try setting.candidate(3...4)])
    #expect(setting.triedTitles == ["3...4"])
  }

  @Test func whatIsClearlyBeyondTheBudgetIsDroppedEarly() throws {
    let setting = try Setting(samples: 3000)
    #expect(setting.combine([try setting.candidate(1...1)]).count == 1)
    let spent = try #require(setting.runner.ledger.entries.last { $0.stage == "combining" })
    #expect(spent.samples <= 600)
  }

  @Test func losslessStepsOnFewSamplesAreNotTaken() throws {
    // Two samples that agree are luck.
    let setting = try Setting(samples: 2)
    #expect(setting.combine([try setting.candidate(1...2)]).count == 1)
  }
}
