import TensorCore
import Testing

@testable import GraphIR

@Suite struct ExtractingTests {
  @Test func aSuffixBeginsAtItsCut() throws {
    var graph = NamedGraph(name: "g")
    let type = AnnotatedType(.tensor(.float32, ["N", 4]))
    graph.inputs = [NamedValue("x", type)]
    graph.outputs = [NamedValue("y", type)]
    graph.valueTypes = [NamedValue("h", type)]
    graph.nodes = [
      NamedNode(OperatorName("Relu"), inputs: ["x"], outputs: ["h"]),
      NamedNode(OperatorName("Sigmoid"), inputs: ["h"], outputs: ["y"]),
    ]
    let header = ModelHeader(irVersion: 8, opsetImports: [.init(domain: "", version: 17)])
    let model = try Model(NamedModel(header: header, graph: graph))
    let h = try #require(model.output(0, of: model.nodes(of: model.mainGraph)[0]))
    let y = try #require(model.outputs(of: model.mainGraph).first)

    let suffix = try model.extracting([(name: "y", value: y)], from: [(name: "cut", value: h)])
    #expect(suffix.named().graph.inputs.map(\.name) == ["cut"])
    #expect(suffix.named().graph.nodes.map(\.op.name) == ["Sigmoid"])
    try Verifier.verify(suffix)

    let prefix = try model.extracting([(name: "h", value: h)])
    #expect(prefix.named().graph.nodes.map(\.op.name) == ["Relu"])
    try Verifier.verify(prefix)
  }
}
