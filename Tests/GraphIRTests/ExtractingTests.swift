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

  @Test func anInputThatIsAnOutputKeepsItsName() throws {
    let text = "g (float[N] x) => (float[N] x, float[N] y) { y = Relu(x) }"
    let model = try Model(NamedModel(parsing: "<ir_version: 8, opset_import: [\"\" : 17]>\n\(text)"))
    let outputs = Array(zip(model.outputNames(of: model.mainGraph), model.outputs(of: model.mainGraph)))
    let part = try model.extracting(outputs.map { (name: $0, value: $1) })
    #expect(part.named().graph.inputs.map(\.name) == ["x"])
    #expect(part.named().graph.outputs.map(\.name) == ["x", "y"])
    let renamed = try model.extracting([(name: "features", value: outputs[0].1)])
    #expect(renamed.named().graph.nodes.map(\.op.name) == ["Identity"])
  }
}
