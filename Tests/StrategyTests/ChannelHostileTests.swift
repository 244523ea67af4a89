import Candidates
import Foundation
import GraphAnalysis
import GraphIR
import PassTestKit
import TensorCore
import Testing

@testable import Passes

/// Whatever a file says and whatever comes out of it, strategies refuse or change it, and do not trap.
@Suite struct ChannelHostileTests {
  /// Tries for each example; more of them by WORKBENCH_HOSTILE_TRIES.
  private static let tries =
    ProcessInfo.processInfo.environment["WORKBENCH_HOSTILE_TRIES"].flatMap(Int.init) ?? 8

  @Test(arguments: ChannelFlowTests.patterns.keys.sorted())
  func survivesLies(example: String) throws {
    let named = try NamedModel(example: example, given: ChannelFlowTests.given)
    for seed in 0..<Self.tries {
      var liar = Liar(random: .derived(from: UInt64(seed), for: example))
      guard var model = try? Model(seed == 0 ? named : liar.changed(named)) else { continue }
      if seed % 2 == 0 { ShapeInference.run(on: &model) }
      let activations = InventedActivations(model: model, random: .derived(from: UInt64(seed), for: "values"))
      guard
        let schedule = try ChannelPruning().schedule(for: model, keeping: [], activations: activations)
      else { continue }
      for count in [1, schedule.steps.count] {
        var pruned = model
        try? schedule.apply(first: count, to: &pruned)
        ShapeInference.run(on: &pruned)
      }
    }
  }

  @Test(arguments: ChannelFlowTests.patterns.keys.sorted())
  func replacementsSurviveLies(example: String) throws {
    let named = try NamedModel(example: example, given: ChannelFlowTests.given)
    for seed in 0..<Self.tries {
      var liar = Liar(random: .derived(from: UInt64(seed), for: example))
      guard var model = try? Model(seed == 0 ? named : liar.changed(named)) else { continue }
      if seed % 2 == 0 { ShapeInference.run(on: &model) }
      let activations = InventedActivations(
        model: model, random: .derived(from: UInt64(seed), for: "values"))
      for candidate in try LinearReplacement().candidates(for: model, activations: activations) {
        var changed = model
        try? candidate.apply(to: &changed)
        ShapeInference.run(on: &changed)
      }
      let schedule = try LowRank().schedule(for: model, keeping: [], activations: activations)
      var split = model
      try? schedule?.apply(first: schedule?.steps.count ?? 0, to: &split)
      ShapeInference.run(on: &split)
    }
  }
}

/// Tensors as the model declares them, as far as that can be, and now and then others.
struct InventedActivations: ActivationSource {
  let model: Model
  let random: RandomSource
  var sampleCount = 6

  func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
    var random = random
    for _ in 0..<3 {
      try body(
        values.map { value in
          let size = sampleCount / 3
          let sizes = model.shape(of: value)?.dimensions.map { $0.fixedSize ?? size } ?? [size, 16, 4, 4]
          let count = (try? Tensor.elementCount(of: sizes)) ?? .max
          let isSmall = count <= 1 << 14 && random.uniform() > 0.1
          let dimensions = isSmall ? sizes : (0..<Int.random(in: 0...5, using: &random)).map { $0 + 1 }
          return try Tensor(
            .float32, rounding: random.normals(dimensions.reduce(1, *)), dimensions)
        })
    }
  }
}
