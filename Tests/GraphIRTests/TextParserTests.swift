import Foundation
import GraphIR
import TensorCore
import Testing

@Suite struct TextParserTests {
  @Test func theModelSaysWhatTheTextSays() throws {
    let model = try NamedModel(parsing: richText)
    #expect(
      model.header.opsetImports == [OpsetImport(domain: "", version: 21), .init(domain: "local", version: 1)])
    #expect(model.header.annotations.documentation == "says \"hi\" \\")
    #expect(model.graph.annotations.documentation == "first line\n\nthird line")
    #expect(model.graph.inputs.map(\.name) == ["x", "a b", "o", "untyped"])
    #expect(
      model.graph.inputs[0].type?.type.shape?.dimensions[2]
        == Dimension(DimensionExpression(parsing: "2*N+1")))
    #expect(model.graph.inputs[2].type?.type == .optional(.tensor(.float32, nil)))
    #expect(model.graph.outputs[0].type?.denotation == "IMAGE")
    #expect(model.graph.outputs[2].type?.type == .opaque(domain: "test.domain", name: "thing"))
    #expect(model.graph.valueTypes.map(\.name) == ["h"])
    #expect(model.graph.nodes.map(\.outputs) == [["h"], ["y", ""], ["", "t"], [], ["z"]])
    #expect(model.graph.nodes[3].inputs == ["", "t"])
    #expect(model.graph.nodes[1].op == OperatorName("Block", domain: "local", overload: "v2"))
    #expect(model.graph.nodes[1].attributes[0].value.floats == [0.5, 1])
    #expect(model.functions[0].requiredAttributes == ["gamma"])
    #expect(model.functions[0].valueTypes.map(\.name) == ["a", "d"])
  }

  @Test func tensorsHoldTheGivenElements() throws {
    let graph = try NamedModel(parsing: richText).graph
    func tensor(_ name: String) throws -> Tensor {
      try #require(graph.initializers.first { $0.name == name }?.tensor)
    }
    #expect(try tensor("w").doubles() == [1, Double(Float(-2.5e-3))])
    #expect(try tensor("half").doubles() == [1, 0.5, -.infinity])
    #expect(try tensor("nibbles").doubles() == [-8, 7, 1])
    #expect(try tensor("pairs").doubles() == [0, 1, 2, 3, 1])
    #expect(try tensor("odd").elements(as: UInt32.self)[2] == 0x7fc0_0001)
    #expect(try tensor("words").storage.strings?.map(\.bytes) == [Array("a\"b".utf8), [0xff, 0]])
    #expect(try tensor("least").integers() == [Int.min])
  }

  @Test func errorsNameFileAndPlace() {
    let error = #expect(throws: ModelError.self) {
      try NamedModel(parsing: "g (float[2] x) => (y) {\n  y = Relu x)\n}", file: "m.onnxtxt")
    }
    #expect(
      error?.description == """
        m.onnxtxt: 2:12: expect '(' before the inputs of Relu, found 'x'
            y = Relu x)
                     ^
        """)
  }

  @Test(arguments: [
    ("float[2] w = {1}", "2 elements, 1 numbers"), ("float[N] w = {1}", "fixed sizes"),
    ("int8[1] w = {128}", "128 is no int8"), ("uint8[1] w = {-1}", "-1 is no uint8"),
    ("float[1] w = {1e99}", "1e99 is no float"), ("float[9999999999,9999999999] w = {}", "no shape"),
    ("float[4] w = …", "left them out"), ("float[1] w = [\"location\": \"../x\"]", "no folder"),
    ("int4[3] w = {1, 2, 99}", "no int4"), ("float[1,] w", "no size"), ("float[1", "close the sizes"),
    ("\"w", "close the string"), ("float[1] w = {0xg}", "0xg"),
  ])
  func wrongInitializersAreRefused(text: String, reason: String) {
    let error = #expect(throws: ModelError.self) { try NamedGraph(parsing: "g () => () <\(text)> {}") }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("a = []", "kind of an empty list"), ("a: ints = [0.5]", "one kind"), ("a: int = 0.5", "expect int"),
    ("a: nonsense = 1", "no kind"), ("a = 99999999999999999999", "too large"),
    ("a: int = [1]", "found a list"),
    ("a", "expect '='"), ("a = x\"0\"", "two digits"),
  ])
  func wrongAttributesAreRefused(text: String, reason: String) {
    let error = #expect(throws: ModelError.self) { try NamedNode.list(parsing: "y = Op <\(text)> ()") }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test func deepNestingIsRefused() {
    let types = String(repeating: "seq(", count: 100_000)
    #expect(throws: ModelError.self) { try NamedGraph(parsing: "g (\(types)") }
    let bodies = String(repeating: "y = If () <b = g () => () {", count: 10_000)
    #expect(throws: ModelError.self) { try NamedNode.list(parsing: bodies) }
  }

  @Test func damagedTextNeverTraps() throws {
    let bytes = Array(richText.utf8)
    for end in stride(from: 0, to: bytes.count, by: 7) {
      _ = try? NamedModel(parsing: String(decoding: bytes[..<end], as: UTF8.self))
    }
    let replacements = Array("\"#@[](){}<>=,;:.…-x0e9\\\n\u{0}".utf8)
    var random: UInt64 = 1
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<3 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = Int(truncatingIfNeeded: random >> 33) % bytes.count
        damaged[place] = replacements[Int(truncatingIfNeeded: random >> 17 & 0xffff) % replacements.count]
      }
      _ = try? NamedModel(parsing: String(decoding: damaged, as: UTF8.self))
    }
  }

  @Test func externalDataLiesBesideTheText() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "text-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let values: [Float] = [0, 1, 2]
    try values.withUnsafeBytes { try Data($0).write(to: folder.appending(path: "w.bin")) }
    let file = folder.appending(path: "m.onnxtxt").path
    func parse(_ entries: String) throws -> NamedGraph {
      try NamedGraph(parsing: "g () => () <float[2] w = [\(entries)]> {}", file: file)
    }
    let text = #""location": "w.bin", "offset": "4", "length": "8""#
    let graph = try parse(text)
    #expect(try graph.initializers[0].tensor.doubles() == [1, 2])
    let printer = ModelPrinter(largeTensors: .refer(folder: folder.path), largeElementCount: 1)
    #expect(printer.print(graph).contains("float[2] w = [\(text)]"))
    #expect(ModelPrinter(largeTensors: .leaveOut, largeElementCount: 1).print(graph).contains("w = …"))
    for wrong in [
      "../w.bin", "/w.bin", "no.bin", "", "w.bin\", \"offset\": \"8", "w.bin\", \"offset\": \"-1",
    ] {
      #expect(throws: ModelError.self) { try parse("\"location\": \"\(wrong)\"") }
    }
  }
}
