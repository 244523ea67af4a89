import GraphAnalysis
import GraphIR
import TensorCore
import Testing

@testable import Search

@Suite struct SampleOrderTests {
  private func part(_ example: String, _ given: String) throws -> (model: Model, order: SampleOrder) {
    var model = try typedModel(example, given: given)
    let order = SampleOrder(of: &model)
    return (model, order)
  }

  @Test func samplesAreBroughtToTheFrontAndBack() throws {
    let (model, order) = try part("y = Transpose<perm = [1, 2, 0]>(x); z = Relu(x)", "float[N, 3, 2] x")
    #expect(model.operators == ["Transpose", "Relu", "Transpose"])
    #expect(model.outputNames(of: model.mainGraph) == ["y", "z"])
    let output = try #require(model.outputs(of: model.mainGraph).first)
    #expect(model.shape(of: output)?.rank == 3 && model.shape(of: output)?[1] == 3)
    // As a run gives them: two samples of [3, 2] each.
    let rows = try Tensor(.float32, rounding: (0..<12).map(Double.init), [2, 3, 2])
    let restored = try order.restored([rows, rows])
    #expect(restored[0].dimensions == [3, 2, 2])
    #expect(try restored[0].doubles() == [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11])
    #expect(try restored[1].doubles() == rows.doubles())
  }

  @Test(arguments: [
    (example: "y = Relu(x)", given: "float[N, 3] x"),
    (example: "y = Transpose(x)", given: "float[2, 3] x"),
    (example: "y = MatMul(x, w)", given: "float[N, N] x; float[N, N] w"),
    (example: "y = ReduceSum<keepdims = 0>(x)", given: "float[N, 3] x"),
  ])
  func othersStay(example: String, given: String) throws {
    let (model, _) = try part(example, given)
    #expect(model.operators.count == 1)
  }
}
