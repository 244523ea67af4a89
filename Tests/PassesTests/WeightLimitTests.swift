import GraphAnalysis
import GraphIR
import PassPipeline
import Passes
import TensorCore
import Testing

/// How large the weights are that rules copy for the sake of a node. The weights here are zero pages that nothing
/// writes to.
@Suite struct WeightLimitTests {
  private func operators(after pipeline: String, columns: Int) throws -> [String] {
    var named = try NamedModel(
      example: "h = Mul(x, c); g = MatMul(h, w); y = MatMul(g, v)",
      given: "float[N, 1024] x; const float c = 2.0; const float[1024, 32] w; const float[32, 4] v")
    for index in named.graph.initializers.indices where named.graph.initializers[index].name == "v" {
      named.graph.initializers[index].tensor = try Tensor(.float32, [32, columns]) { _ in }
    }
    named.graph.outputs = [NamedValue("y", AnnotatedType(.tensor(.float32, ["N", .fixed(columns)])))]
    var model = try Model(named)
    ShapeInference.run(on: &model)
    _ = try PassManager(registry: .builtIn).run(
      Pipeline(parsing: pipeline), on: &model, in: PassContext(evaluator: nil))
    return model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name }
  }

  @Test func factorsGoIntoWeights() throws {
    #expect(try operators(after: "rules(fuse-scaled-input)", columns: 4) == ["MatMul", "MatMul"])
  }

  /// 1 GiB in `v` and 128 KiB in `w`, which is not worth a copy then.
  @Test func largeWeightsOfHugeModelsStay() throws {
    #expect(
      try operators(after: "rules(fuse-scaled-input)", columns: 1 << 23) == ["Mul", "MatMul", "MatMul"])
  }
}
