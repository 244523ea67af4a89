import Evaluation
import EvaluationTestKit
import GraphIR
import ONNXFormat
import TensorCore
import Testing

@Suite struct ResultCheckTests {
  private let client = EvaluationClient()

  private func verdict(_ original: String, _ changed: String) throws -> ResultCheck.Verdict {
    let text = { (nodes: String) in
      """
      <ir_version: 8, opset_import: ["" : 17]>
      g (float[N, M] x, float[M, K] w) => (float[N, K] y, int64[N] i) { \(nodes) }
      """
    }
    let model = try Model(NamedModel(parsing: text(original)))
    let check = try ResultCheck(
      source(text(original)), on: InputDraws(for: model, seed: 1), depth: 4, client: client)
    #expect(check.draws == 3)
    return try check.verdict(on: source(text(changed)))
  }

  private func source(_ text: String) throws -> SessionSource {
    try .bytes(ONNXFormat.encode(NamedModel(parsing: text)), name: "test")
  }

  private let product = "y = MatMul(x, w) i = ArgMax<axis = 1, keepdims = 0>(y)"

  @Test func aModelIsTheSameAsItself() throws {
    #expect(try verdict(product, product) == .same(largestError: 0, unstable: []))
  }

  @Test func aDifferenceIsNamed() throws {
    guard
      case .different(let worst) = try verdict(
        product, "h = MatMul(x, w) y = Abs(h) i = ArgMax<axis = 1, keepdims = 0>(y)")
    else {
      Issue.record("not seen")
      return
    }
    #expect(worst.mismatches > 0)
  }

  @Test func sizesThatOneModelFreezesAreSeen() throws {
    let frozen = """
      y = MatMul(x, w) h = ArgMax<axis = 1, keepdims = 0>(y) s = Constant<value_ints = [2]>() i = Reshape(h, s)
      """
    guard case .refused = try verdict(product, frozen) else {
      Issue.record("a batch of another size was not tried")
      return
    }
  }

  @Test func outputsThatTheOriginalDoesNotReproduceSayNothing() throws {
    // Whether a third times three is the whole is chance, and changes with the last digit of the input.
    let chance = """
      y = MatMul(x, w) a = Constant<value_ints = [1]>() s = ReduceSum<keepdims = 0>(x, a)
      three = Constant<value_float = 3.0>() t = Div(s, three) u = Mul(t, three) e = Equal(s, u) i = Cast<to = 7>(e)
      """
    let always = chance.replacing("Equal(s, u)", with: "Equal(s, s)")
    guard case .same(_, let unstable) = try verdict(chance, always) else {
      Issue.record("an output of chance was counted")
      return
    }
    #expect(unstable == ["i"])
  }

  @Test func aModelThatAcceptsNothingIsNoProof() throws {
    #expect(throws: WorkerError.self) {
      try verdict("y = MatMul(w, x) i = ArgMax<axis = 7, keepdims = 0>(y)", product)
    }
  }
}

@Suite struct InputDrawsTests {
  private func draws(_ graph: String) throws -> [[String: Tensor]] {
    let model = try Model(NamedModel(parsing: "<ir_version: 8, opset_import: [\"\" : 17]>\n\(graph)"))
    return try Array(InputDraws(for: model, seed: 3))
  }

  @Test func aSymbolHasOneSizeInADrawAndOthersInTheNext() throws {
    let draws = try draws(
      "g (float[N, M] x, float[M, 3] w, float[N + M] v) => (float[N, 3] y) { y = MatMul(x, w) }")
    for draw in draws {
      let (x, w, v) = (draw["x"]?.dimensions ?? [], draw["w"]?.dimensions ?? [], draw["v"]?.dimensions ?? [])
      #expect(x[1] == w[0] && w[1] == 3 && v == [x[0] + x[1]])
    }
    #expect(Set(draws.compactMap { $0["x"]?.dimensions }).count >= 3)
    #expect(draws.contains { $0["x"]?.dimensions == [1, 1] })
  }

  @Test func unnamedDimensionsAreIndependent() throws {
    let first = try #require(try draws("g (float[?, ?] x) => (float[?, ?] y) { y = Relu(x) }").first)
    #expect(first["x"].map { $0.dimensions[0] != $0.dimensions[1] } == true)
  }

  @Test func indicesStayInTheirTables() throws {
    let draws = try draws(
      "g (int64[N] i) => (float[N, 2] y) <float[3,2] t = {1, 2, 3, 4, 5, 6}> { y = Gather(t, i) }")
    #expect(try draws.allSatisfy { try $0["i"]?.doubles().allSatisfy { $0 < 3 } == true })
  }

  @Test func withoutSymbolsValuesDiffer() throws {
    let draws = try draws("g (float[2] x) => (float[2] y) { y = Relu(x) }")
    #expect(Set(try draws.map { try $0["x"]?.doubles() ?? [] }).count == 3)
  }
}
