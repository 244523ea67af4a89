import Candidates
import Evaluation
import GraphIR
import LinearAlgebra
import TensorCore
import Testing

@testable import Passes
@testable import Search

/// Without the branch `q`, all that its mean and its spread did to later layers is made up for in their weights.
@Suite struct StatisticsRepairTests {
  private struct Setting {
    let model: Model
    let inputs: Tensor
    let repair: StatisticsRepair?

    /// - Parameter text: with a sum `s` of `p` and `q`, and the result `y`.
    init(_ text: String, given: String = "", count: Int = 64) throws {
      model = try typedModel(
        text,
        given: """
          float[N, 3, 5, 5] x; const float[4, 3, 1, 1] first in -1.0...1.0; const float[4, 3, 1, 1] second in 0.0...0.7;
          const float[4] offset in 1.0...3.0; const float[4, 4, 3, 3] third in -1.0...1.0; \(given)
          """)
      inputs = try Tensor(float32: noise(75 * count), [count, 3, 5, 5])
      let runner = VariantRunner.forTests(model, samples: count)
      let samples = try runner.samples(["x": inputs])
      let output = try #require(model.value("y"))
      let whole = try runner.prepare(model.extracting([(name: "y", value: output)]))
      var scorer = Scorer(metric: Metric(.agreement, output: "y"), labels: nil)
      try scorer.setBaseline(runner.run(whole, on: samples)[0], for: samples.indices)
      let judge = Judge(runner: runner, scorer: scorer, head: nil)
      repair = try StatisticsRepair(base: model, judge: judge, calibration: samples)
    }

    func plan(without exit: String, keeping replacement: String) throws -> PlanState {
      let edit = Bypass(
        exit: try #require(model.value(exit)), replacement: try #require(model.value(replacement)))
      let node = try #require(model.producer(of: edit.exit))
      let candidate = Candidate(
        strategy: "test", kind: "branch", title: exit, nodes: [node], edit: edit, saving: Saving(nodes: 1))
      return try #require(PlanState(model: model).applying([candidate]))
    }

    /// Means and variances of the channels of `value`.
    func moments(of value: String, in model: Model) throws -> [Double] {
      let id = try #require(self.model.value(value))
      let tensor = try model.extracting([(name: value, value: id)]).run(["x": inputs])
      let channels = tensor.dimensions[1]
      let area = tensor.dimensions[2] * tensor.dimensions[3]
      let values = try tensor.doubles()
      return (0..<channels).flatMap { channel -> [Double] in
        let own = values.indices.filter { $0 / area % channels == channel }.map { values[$0] }
        let mean = own.reduce(0, +) / Double(own.count)
        return [mean, own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)]
      }
    }
  }

  private static let branches = "p = Conv(x, first); q = Conv(x, second, offset); s = Add(p, q); "

  private func isNear(_ a: [Double], _ b: [Double], within tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  @Test(arguments: [
    // Convolutions, the later one without a bias of its own.
    "a = Conv(s, third, offset); r = Relu(a); b = Conv(r, third); y = GlobalAveragePool(b)",
    // A batch normalization that is not folded.
    """
    t = Relu(s); a = BatchNormalization(t, offset, offset, offset, offset); r = Relu(a); b = Conv(r, third); \
    y = GlobalAveragePool(b)
    """,
  ])
  func laterLayersHaveTheStatisticsOfTheOriginal(text: String) throws {
    let setting = try Setting(Self.branches + text)
    let plan = try setting.plan(without: "s", keeping: "p")
    let repaired = try #require(setting.repair).repaired(plan)
    for value in ["a", "b"] {
      let original = try setting.moments(of: value, in: setting.model)
      #expect(!isNear(try setting.moments(of: value, in: plan.model), original, within: 0.1))
      // Batches of 16 are normalized each by its own.
      #expect(isNear(try setting.moments(of: value, in: repaired.model), original, within: 0.1))
    }
    #expect(try setting.moments(of: "p", in: repaired.model) == setting.moments(of: "p", in: plan.model))
  }

  @Test func whatHelpsNotIsLeftOut() throws {
    let setting = try Setting(Self.branches + "z = Mul(s, 1.0); a = Conv(z, third); y = GlobalAveragePool(a)")
    let plan = try setting.plan(without: "z", keeping: "s")
    let repaired = try #require(setting.repair).repaired(plan)
    #expect(repaired.model.journal.entries.map(\.author) == plan.model.journal.entries.map(\.author))
  }

  @Test func nothingIsRepairedWithoutLayersOrSamples() throws {
    #expect(try Setting("p = Relu(x); q = Neg(x); s = Add(p, q); y = GlobalAveragePool(s)").repair == nil)
    #expect(try Setting(Self.branches + "y = GlobalAveragePool(s)", count: 16).repair == nil)
  }
}
