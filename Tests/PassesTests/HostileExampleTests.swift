import Foundation
import GraphAnalysis
import GraphIR
import PassPipeline
import PassTestKit
import Passes
import Rewriting
import TensorCore
import Testing

/// Files lie: attributes are out of range, constants are extreme, and declared shapes are other ones than those
/// that come out. Every pass meets its own examples with such lies; it may refuse or do nothing, and must not trap.
@Suite struct HostileExampleTests {
  /// Tries for each example; more of them by WORKBENCH_HOSTILE_TRIES.
  private static let tries =
    ProcessInfo.processInfo.environment["WORKBENCH_HOSTILE_TRIES"].flatMap(Int.init) ?? 4

  @Test(arguments: PassRegistry.builtIn.passes.map { $0.name }) func survivesLies(_ name: String) throws {
    let pass = try #require(PassRegistry.builtIn[name])
    let manager = PassManager(
      registry: .builtIn, instrumentation: Instrumentation(verifiesEach: false))
    for (index, example) in pass.examples.enumerated() {
      let named = try NamedModel(
        example: example.graph, given: example.given ?? pass.given, opset: example.opset,
        outputs: example.outputs,
        file: example.file)
      for seed in 0..<Self.tries {
        var liar = Liar(random: .derived(from: UInt64(seed), for: "\(name) \(index)"))
        guard var model = try? Model(liar.changed(named)) else { continue }
        ShapeInference.run(on: &model)
        var alone = model
        var context = PassContext()
        try? pass.init().run(on: &alone, in: &context)
        _ = try? manager.run(.exact, on: &model, in: PassContext())
      }
    }
  }
}
