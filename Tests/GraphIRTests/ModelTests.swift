import TensorCore
import Testing

@testable import GraphIR

/// x → Relu → Sigmoid → y
private func chain() throws -> Model {
  var graph = NamedGraph(name: "g")
  graph.inputs = [NamedValue("x", AnnotatedType(.tensor(.float32, ["N", 4])))]
  graph.outputs = [NamedValue("y", nil)]
  graph.nodes = [
    NamedNode(OperatorName("Relu"), inputs: ["x"], outputs: ["h"]),
    NamedNode(OperatorName("Sigmoid"), inputs: ["h"], outputs: ["y"]),
  ]
  return try Model(
    NamedModel(
      header: ModelHeader(irVersion: 8, opsetImports: [.init(domain: "", version: 17)]), graph: graph))
}

@Suite struct ModelTests {
  @Test func linkingResolvesNamesToUses() throws {
    let model = try chain()
    let x = try #require(model.inputs(of: model.mainGraph).first)
    let relu = try #require(model.firstNode(of: model.mainGraph))
    #expect(model.uses(of: x).map(\.user) == [relu])
    #expect(model.hasOneUse(x))
    let y = try #require(model.outputs(of: model.mainGraph).first)
    #expect(model.isGraphOutput(y))
    #expect(model.name(of: y) == "y")
  }

  @Test func usersAreListedOnceAndInOrder() throws {
    let model = try Model(NamedModel(example: "h = Mul(x, x); g = Neg(x); y = Add(h, g); return y, x"))
    let x = try #require(model.inputs(of: model.mainGraph).first)
    let nodes = model.nodes(of: model.mainGraph)
    #expect(model.users(of: x) == Array(nodes.prefix(2)))
    #expect(model.hasMoreUses(of: x, than: 3))
    #expect(!model.hasMoreUses(of: x, than: 4))
    #expect(!model.isRead(x, onlyBy: nodes[0]))
    let h = model.outputs(of: nodes[0])[0]
    #expect(model.isRead(h, onlyBy: nodes[2]))
    #expect(!model.isRead(model.outputs(of: nodes[2])[0], onlyBy: nodes[2]), "the graph returns it")
  }

  @Test func nodesOutOfOrderAreSorted() throws {
    var named = try chain().named()
    named.graph.nodes.reverse()
    let model = try Model(named)
    #expect(model.nodes(of: model.mainGraph).map { model.operatorName(of: $0).name } == ["Relu", "Sigmoid"])
  }

  @Test func cyclesAreNamed() throws {
    var named = try chain().named()
    named.graph.nodes[0].inputs = ["y"]
    #expect {
      _ = try Model(named)
    } throws: {
      "\($0)".contains("cycle through or before")
    }
  }

  /// As other tools leave them behind, or mean them for something that this format does not say.
  @Test func typesOfValuesThatDoNotExistLastUntilTheFirstEdit() throws {
    var named = try chain().named()
    let type = AnnotatedType(.tensor(.float32, [3]))
    named.graph.valueTypes = [NamedValue("gone", type), NamedValue("h", type)]
    var model = try Model(named)
    #expect(model.named().graph.valueTypes.map(\.name) == ["h", "gone"])
    #expect(model.named().graph.valueTypes.map(\.type) == [type, type])
    #expect(model.named(types: .none).graph.valueTypes.isEmpty)
    let nodes = model.nodes(of: model.mainGraph)
    let sigmoid = nodes[1]
    try model.edit(as: "test") { rewriter in
      try rewriter.replaceAllUses(
        of: rewriter.model.outputs(of: sigmoid)[0], with: rewriter.model.outputs(of: nodes[0])[0])
      rewriter.eraseIfDead(sigmoid)
    }
    #expect(!model.named().graph.valueTypes.contains { $0.name == "gone" })
  }

  @Test func replacingAnOutputKeepsItsName() throws {
    var model = try chain()
    let nodes = model.nodes(of: model.mainGraph)
    let x = try #require(model.inputs(of: model.mainGraph).first)
    try model.edit(as: "test") { rewriter in
      try rewriter.replaceAllUses(
        of: rewriter.model.outputs(of: nodes[1])[0], with: rewriter.model.outputs(of: nodes[0])[0])
      rewriter.eraseIfDead(nodes[1])
    }
    #expect(model.named().graph.nodes.map(\.outputs) == [["y"]])
    // An input cannot carry the name of an output.
    try model.edit(as: "test") { rewriter in
      try rewriter.replaceAllUses(of: rewriter.model.outputs(of: nodes[0])[0], with: x)
      rewriter.eraseIfDead(nodes[0])
    }
    let named = model.named()
    #expect(named.graph.nodes.map(\.op.name) == ["Identity"])
    #expect(named.graph.nodes.map(\.outputs) == [["y"]])
  }

  @Test func copiesAreIndependent() throws {
    let original = try chain()
    var copy = original
    copy.edit(as: "test") { rewriter in
      let node = rewriter.model.nodes(of: rewriter.model.mainGraph)[0]
      rewriter.setInputs(of: node, to: [nil])
    }
    #expect(original.edition != copy.edition)
    #expect(original.inputs(of: original.nodes(of: original.mainGraph)[0]).compactMap { $0 }.count == 1)
    #expect(copy.journal.entries.map(\.author) == ["test"])
  }
}
