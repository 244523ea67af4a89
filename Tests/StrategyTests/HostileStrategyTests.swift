import Candidates
import Foundation
import GraphAnalysis
import GraphIR
import PassTestKit
import TensorCore
import Testing

@testable import Passes

/// Every strategy meets its own examples with lies, and calibration data that is not what the model says; it may refuse or
/// propose nothing, and must not trap.
@Suite struct HostileStrategyTests {
  /// Tries for each example; more of them by WORKBENCH_HOSTILE_TRIES.
  private static let tries =
    ProcessInfo.processInfo.environment["WORKBENCH_HOSTILE_TRIES"].flatMap(Int.init) ?? 4

  @Test(arguments: StrategyRegistry.builtIn.names) func survivesLies(_ name: String) throws {
    let strategy = try #require(StrategyRegistry.builtIn[name])
    for (index, example) in strategy.examples.enumerated() {
      let named = try NamedModel(
        example: example.graph, given: example.given ?? strategy.given, opset: example.opset)
      for seed in 0..<Self.tries {
        var liar = Liar(random: .derived(from: UInt64(seed), for: "\(name) \(index)"))
        guard var model = try? Model(seed == 0 ? named : liar.changed(named)) else { continue }
        if seed % 2 == 0 { ShapeInference.run(on: &model) }
        let activations = InventedActivations(
          model: model, random: .derived(from: UInt64(seed), for: "values"), sampleCount: 96)
        let proposals = try? Proposals(of: strategy.init(), for: model, activations: activations)
        apply(proposals, to: model)
      }
    }
  }

  /// Each change alone, and all of them together.
  private func apply(_ proposals: Proposals?, to model: Model) {
    guard let proposals else { return }
    let all = Array(proposals.titles.indices)
    for chosen in all.map({ [$0] }) + [all] {
      var changed = model
      try? proposals.apply(chosen, to: &changed)
      ShapeInference.run(on: &changed)
    }
  }
}
