import GraphIR
import TensorCore
import Testing

@Suite struct ExampleTextTests {
  let given = """
    float[N, 3, 8, 8] x; const float[4, 3, 3, 3] w
    const float[4] s, b, m; const float[4] v in 0.1...2
    """

  @Test func declarationsThatNodesUseBecomeInputsAndConstants() throws {
    let model = try NamedModel(
      example: "h = Conv(x, w); y = BatchNormalization<epsilon = 0.1>(h, s, b, m, v)", given: given)
    #expect(model.graph.inputs.map(\.name) == ["x"])
    #expect(model.graph.inputs[0].type?.type == .tensor(.float32, [.symbol("N"), 3, 8, 8]))
    #expect(model.graph.initializers.map(\.name) == ["w", "s", "b", "m", "v"])
    #expect(model.graph.nodes.map(\.op.name) == ["Conv", "BatchNormalization"])
    #expect(model.graph.outputs.map(\.name) == ["y"])
    #expect(model.header.opset() == 21)
    #expect(model.header.irVersion == 10)
    let variance = try model.graph.initializers[4].tensor.doubles()
    #expect(variance.allSatisfy { (0.1...2).contains($0) })
    #expect(try NamedModel(example: "y = Relu(x)", given: given).graph.initializers.isEmpty)
  }

  @Test func undeclaredInputsHaveADefaultType() throws {
    let model = try NamedModel(example: "h = Relu(x); y = Add(h, z)")
    #expect(model.graph.inputs.map(\.name) == ["x", "z"])
    #expect(model.graph.inputs.allSatisfy { $0.type?.type == .tensor(.float32, [2, 3]) })
  }

  @Test func outputsAreWhatIsProducedAndNotReadOrWhatReturnNames() throws {
    let text = "a = Relu(x); b, c = Split(a); d = Neg(b)"
    #expect(try NamedModel(example: text).graph.outputs.map(\.name) == ["c", "d"])
    #expect(try NamedModel(example: text + "\nreturn d, a").graph.outputs.map(\.name) == ["d", "a"])
    #expect(try NamedModel(example: text, outputs: ["a"]).graph.outputs.map(\.name) == ["a"])
    let typed = try NamedModel(example: text, given: "float[4] d; float[8] a")
    #expect(typed.graph.outputs[1].type?.type == .tensor(.float32, [4]))
    #expect(typed.graph.valueTypes.map(\.name) == ["a"])
    #expect(typed.graph.inputs.map(\.name) == ["x"])
  }

  @Test func constantsAreTheSameForTheSameNameAndSeed() throws {
    func constant(_ declaration: String, seed: UInt64 = 0) throws -> Tensor {
      let model = try NamedModel(example: "y = Neg(c)", given: declaration, seed: seed)
      return model.graph.initializers[0].tensor
    }
    let first = try constant("const float[8] c")
    #expect(try first.isIdentical(to: constant("const float[8] c")))
    #expect(try !first.isIdentical(to: constant("const float[8] c", seed: 1)))
    #expect(try first.doubles().allSatisfy { abs($0) <= 1 && $0 != 0 })
    #expect(try Set(constant("const int8[99] c").integers()) == Set(-4...4))
    #expect(try Set(constant("const uint4[99] c in 2...5").integers()) == [2, 3, 4, 5])
    #expect(try Set(constant("const bool[20] c").integers()) == [0, 1])
    #expect(try constant("const float16[3] c = 0.5").doubles() == [0.5, 0.5, 0.5])
    #expect(try constant("const int64[2] c = {7, -1}").integers() == [7, -1])
    #expect(try constant("const int64 c = 7").isScalar)
  }

  @Test func constantsMayStandWhereOperandsDo() throws {
    let model = try NamedModel(
      example: "a = Add(x, 1.0); b = Reshape(a, {0, -1}); c = Clip(b, , float16 {0.5}); y = Pow(c, -inf)")
    #expect(model.graph.nodes[2].inputs[1] == "")
    let types = model.graph.initializers.map(\.tensor.type.description)
    #expect(types == ["float", "int64[2]", "float16", "float"])
    #expect(model.graph.nodes[1].inputs[1] == model.graph.initializers[1].name)
    #expect(try model.graph.initializers[1].tensor.integers() == [0, -1])
    let mixed = try NamedModel(example: "y = Add(x, {1, 0.5}); z = Add(x, {1, 0.5})")
    #expect(try mixed.graph.initializers.map { try $0.tensor.doubles() } == [[1, 0.5], [1, 0.5]])
    #expect(throws: ModelError.self) { try NamedNode.list(parsing: "y = Add(x, 1.0)") }
  }

  @Test func inlineConstantsStayUnused() throws {
    let model = try NamedModel(
      example: "const int64[2] shape = {2, 3}; const float u = 1; y = Reshape(x, shape)")
    #expect(model.graph.initializers.map(\.name) == ["shape", "u"])
    #expect(model.graph.inputs.map(\.name) == ["x"])
  }

  @Test func inputsKeepTheirRange() throws {
    let model = try NamedModel(example: "y = Sqrt(x)", given: "float[4] x in 0...1.5")
    #expect(model.graph.inputs[0].range == 0...1.5)
    #expect(try NamedModel(example: "y = Sqrt(x)").graph.inputs[0].range == nil)
  }

  @Test func resultsHaveTheInputsOfTheExampleAndConstantsOfAnyValue() throws {
    let before = try NamedModel(
      example: "h = Conv(x, w); y = BatchNormalization(h, s, b, m, v); z = Relu(u)", given: given)
    let after = try NamedModel(
      exampleResult: "z = Relu(u); y = Conv(x, w_1, b_1)", of: before, given: given)
    #expect(after.graph.inputs.map(\.name) == ["x", "u", "w_1", "b_1"])
    #expect(after.graph.inputs.map(\.isAnyConstant) == [false, false, true, true])
    #expect(after.graph.inputs[2].type == nil)
    #expect(after.graph.outputs.map(\.name) == ["y", "z"])
    let typed = try NamedModel(
      exampleResult: "int8[4] w_1; float[4] x; z = Relu(u); y = Conv(x, w_1)", of: before, given: given)
    #expect(typed.graph.inputs.map(\.isAnyConstant) == [false, false, true])
    #expect(typed.graph.inputs[2].type?.type == .tensor(.int8, [4]))
    #expect(typed.graph.inputs[0].type?.type == before.graph.inputs[0].type?.type)
    let folded = try NamedModel(exampleResult: "return y, z", of: before)
    #expect(folded.graph.inputs.map(\.name) == ["x", "u", "y", "z"])
  }

  @Test func bodiesSeeTheNamesAroundThem() throws {
    let model = try NamedModel(
      example:
        "y = If(c) <then_branch = t () => (float u) { u = Add(x, 1.0) }, else_branch = e () => (k) {}>",
      given: "bool c; const float k; float x")
    #expect(model.graph.inputs.map(\.name) == ["c", "x"])
    #expect(model.graph.initializers.map(\.name) == ["1.0#0", "k"])
  }

  @Test func otherDomainsAreImported() throws {
    let model = try NamedModel(example: "y = ai.onnx.ml.Scaler(x); z = custom.Op(y)", opset: 17)
    #expect(model.header.opset() == 17)
    #expect(model.header.opset("ai.onnx.ml") == OperatorSchema.newestOpset(domain: "ai.onnx.ml"))
    #expect(model.header.opset("custom") == 1)
  }

  @Test(arguments: [
    ("float[2] x = 1", "'const'"), ("const float[N] c", "fixed sizes"),
    ("const string[2] c", "give the values"),
    ("const float[2] c in 2...1", "descend"), ("const float[9999999999] c = 1", "too many"),
    ("const float[9999999999,9999999999] c", "no shape"), ("float a; float a", "once"),
    ("const float[2] c in 0", "'...'"), ("y = Relu(x)", "declarations only"), ("float[2]", "name of a value"),
  ])
  func wrongDeclarationsAreRefused(given: String, reason: String) {
    let error = #expect(throws: ModelError.self) { try NamedModel(example: "y = Add(c, x)", given: given) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test func damagedExamplesNeverTrap() throws {
    let text =
      "const int4[2] k = {1, -8} ; float[N] z in -1...1; y = If(c) <b = t () => (u) { u = A(x, 1.0) }>; return y"
    let bytes = Array(text.utf8)
    for end in bytes.indices { _ = try? NamedModel(example: String(decoding: bytes[..<end], as: UTF8.self)) }
    for (place, byte) in stride(from: 0, to: bytes.count, by: 4).flatMap({ place in
      Array(";{}()<>=,.-9\"#".utf8).map { (place, $0) }
    }) {
      var damaged = bytes
      damaged[place] = byte
      _ = try? NamedModel(example: String(decoding: damaged, as: UTF8.self))
    }
  }
}
