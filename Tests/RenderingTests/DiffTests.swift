import GraphIR
import TensorCore
import Testing

@testable import Rendering

@Suite struct DiffTests {
  private let renderer = ModelRenderer()

  /// Ids of the nodes with this mark.
  private func marked(_ mark: Mark, in picture: GraphPicture) -> [String] {
    picture.nodes.filter { $0.mark == mark }.map(\.id)
  }

  @Test func aRemovedBlockIsRedItsReaderAmber() throws {
    let before = try ModelSketch.residualNetwork(blocks: 3)
    let after = try before.bypassing("layer1/layer1.1")
    let pictures = renderer.comparison(of: before, and: after)
    #expect(marked(.removed, in: pictures.diff).count == 7)
    #expect(marked(.added, in: pictures.diff).isEmpty)
    let readers = ["node_layer1_layer1_2_conv1_Conv", "node_layer1_layer1_2_Add"]
    #expect(marked(.changed, in: pictures.diff) == readers)
    #expect(marked(.removed, in: pictures.before).count == 7)
    #expect(marked(.removed, in: pictures.after).isEmpty)
    #expect(marked(.changed, in: pictures.after) == readers)
    let removed = try #require(pictures.diff.nodes.first { $0.mark == .removed })
    #expect(removed.note == "by bypass-region")
    #expect(pictures.diff.subtitle == "26 nodes · 7 removed · 2 changed")
    #expect(pictures.diff.edges.filter { $0.mark == .added }.count == 2)
  }

  @Test func aReplacedProducerIsNoChangeOfItsReader() throws {
    let before = try ModelSketch.residualNetwork(blocks: 1)
    let path = "/layer1/layer1.0"
    let after = try before.fusing("\(path)/conv1/Conv", "\(path)/bn1/BatchNormalization")
    let diff = renderer.diff(before: before, after: after)
    #expect(marked(.changed, in: diff).isEmpty)
    #expect(marked(.removed, in: diff).count == 2)
    #expect(diff.nodes.filter { $0.mark == .added }.map(\.note) == ["by fuse-conv-batch-norm"])
  }

  @Test func otherAttributesAndWeightsAreChanges() throws {
    let before = try ModelSketch.residualNetwork(blocks: 1)
    let name = "/layer1/layer1.0/conv2/Conv"
    var after = try before.changing(name, Attribute("group", .int(2)))
    let stem = try #require(after.node(named: "/stem/conv/Conv"))
    let weight = try #require(after.input(1, of: stem))
    let tensor = try Tensor(float32: [Float](repeating: 1, count: 16 * 27), [16, 3, 3, 3])
    after.edit(as: "prune") { $0.setConstant(weight, to: tensor) }
    let changed = renderer.diff(before: before, after: after).nodes.filter { $0.mark == .changed }
    #expect(changed.map(\.note) == ["weights · by prune", "group · by tune"])
  }

  @Test func aDefaultThatIsSpeltOutIsNoChange() throws {
    let before = try ModelSketch.residualNetwork(blocks: 1)
    let after = try before.changing("/fc/Gemm", Attribute("alpha", .float(1)))
    #expect(ModelComparison(before, after).changes.isEmpty)
  }

  @Test func equalWeightsInOtherMemoryAreNoChange() throws {
    let before = try ModelSketch.residualNetwork(blocks: 1)
    let after = try ModelSketch.residualNetwork(blocks: 1)
    let diff = renderer.diff(before: before, after: after)
    #expect(diff.nodes.allSatisfy { $0.mark == nil })
    #expect(diff.subtitle.hasSuffix("no differences"))
  }

  @Test func theSymbolsTellWhatColoursTell() throws {
    let before = try ModelSketch.residualNetwork(blocks: 2)
    let dot = renderer.diff(before: before, after: try before.bypassing("layer1/layer1.0")).dot
    let removed = try #require(dot.split(separator: "\n").first { $0.contains("− Conv") })
    #expect(removed.contains("style=\"filled,rounded,dashed\""))
    #expect(removed.contains("color=\"#cc3311\""))
    #expect(dot.contains("~ Conv"))
    // Whatever stayed as it was is grey.
    let kept = try #require(dot.split(separator: "\n").first { $0.contains("  node_stem_relu_Relu [") })
    #expect(kept.contains("fillcolor=\"#f4f5f7\""))
  }

  /// x → Relu → Tanh → y becomes x → Relu → y.
  @Test func aDiffInDOT() throws {
    var sketch = ModelSketch("small")
    let h = sketch.add("Relu", [sketch.input("x", ["N"])], name: "a", as: "h")
    sketch.add("Tanh", [h], name: "b", as: "y")
    sketch.output("y", ["N"])
    let before = try sketch.model()
    var after = before
    let nodes = before.allNodes
    try after.edit(as: "drop-tanh") { rewriter in
      try rewriter.replaceAllUses(of: before.outputs(of: nodes[1])[0], with: before.outputs(of: nodes[0])[0])
      rewriter.eraseIfDead(nodes[1])
    }
    var options = RenderOptions()
    options.showsTypes = false
    let dot = ModelRenderer(options: options).diff(before: before, after: after).dot
    let statements = dot.split(separator: "\n").filter { !$0.contains(#/^  (graph|node|edge) /#) }
    let tooltips = #/(label)?tooltip="[^"]*"(, )?|, tooltip="[^"]*"/#
    #expect(
      statements.map { $0.replacing(tooltips, with: "") }.joined(separator: "\n") == """
        digraph model {
          input_x [color="#b8c0cc", fillcolor="#f4f5f7", id="input_x", label=<<b>x</b>>, shape="ellipse", \
        style="filled"];
          node_a [color="#b8c0cc", fillcolor="#f4f5f7", id="node_a", label=<<b>Relu</b><br/>\
        <font color="#5f6b7a" point-size="9">a</font>>];
          node_b [color="#cc3311", fillcolor="#f7ded9", id="node_b", label=<<b>− Tanh</b><br/>\
        <font color="#5f6b7a" point-size="9">b</font><br/>\
        <font color="#7e2f20" point-size="9"><i>by drop-tanh</i></font>>, penwidth="1.6", \
        style="filled,rounded,dashed"];
          output_y [color="#e69f00", fillcolor="#fbf0d6", id="output_y", label=<<b>~ y</b>>, penwidth="1.6", \
        shape="ellipse", style="filled"];
          input_x -> node_a [];
          node_a -> output_y [color="#009e73", fontcolor="#0e6956", penwidth="2", style="solid"];
          node_a -> node_b [color="#cc3311", fontcolor="#7e2f20", penwidth="1.4", style="dashed"];
          node_b -> output_y [color="#cc3311", fontcolor="#7e2f20", penwidth="1.4", style="dashed"];
        }
        """)
  }

  @Test func changesInsideBodiesAreMarked() throws {
    let before = try ModelSketch.branches()
    var after = before
    let relu = try #require(after.node(named: "relu"))
    let square = try #require(after.node(named: "square"))
    try after.edit(as: "drop") { rewriter in
      let h = try #require(rewriter.model.input(0, of: relu))
      try rewriter.replaceAllUses(of: rewriter.model.outputs(of: relu)[0], with: h)
      rewriter.eraseIfDead(relu)
    }
    let diff = renderer.diff(before: before, after: after)
    #expect(marked(.removed, in: diff) == ["node_relu"])
    #expect(marked(.changed, in: diff) == ["node_square"])
    #expect(after.name(of: square) == "square")
    #expect(diff.clusters.count == 2)
  }

  // MARK: Unrelated models

  @Test func modelsFromFilesAreMatchedByNameAndStructure() throws {
    let before = try ModelSketch.residualNetwork(blocks: 3)
    let edited = try before.bypassing("layer1/layer1.1")
    let reread = try Model(edited.named())
    #expect(reread.journal.entries.isEmpty)
    let diff = renderer.diff(before: before, after: reread)
    #expect(marked(.removed, in: diff) == marked(.removed, in: renderer.diff(before: before, after: edited)))
    #expect(marked(.changed, in: diff).count == 2)
    #expect(marked(.added, in: diff).isEmpty)
    #expect(diff.nodes.allSatisfy { !$0.note.contains("by ") })
  }

  @Test func withoutNamesStructureDecides() throws {
    func model(extra: Bool) throws -> Model {
      var sketch = ModelSketch()
      var x = sketch.input("x", ["N"])
      x = sketch.add("Relu", [x], as: extra ? "p" : "a")
      if extra { x = sketch.add("Tanh", [x], as: "q") }
      x = sketch.add("Exp", [x], as: extra ? "r" : "b")
      x = sketch.add("Abs", [x], as: extra ? "s" : "c")
      sketch.add("Neg", [x], as: "y")
      sketch.output("y")
      return try sketch.model()
    }
    let diff = renderer.diff(before: try model(extra: false), after: try model(extra: true))
    #expect(diff.nodes.filter { $0.mark == .added }.map(\.title) == ["Tanh"])
    #expect(diff.nodes.filter { $0.mark == .changed }.map(\.title) == ["Exp"])
    #expect(diff.nodes.filter { $0.mark == .removed }.isEmpty)
  }

  @Test func withoutNamesEqualWeightsTell() throws {
    func model(_ names: String, _ first: String) throws -> Model {
      var sketch = ModelSketch()
      let x = sketch.add(first, [sketch.input("x", ["N", 4])], as: names + "1")
      let products = (0..<3).map { index in
        sketch.add("MatMul", [x, sketch.weight([4, 4], fill: UInt8(index))], as: "\(names)m\(index)")
      }
      sketch.add("Max", names == "a" ? products : products.reversed(), as: "y")
      sketch.output("y")
      return try sketch.model()
    }
    let comparison = ModelComparison(try model("a", "Relu"), try model("b", "Tanh"))
    #expect(comparison.changes.keys.map { comparison.before.operatorName(of: $0).name } == ["Max"])
    #expect(comparison.matching.nodes.count == 4)
  }

  @Test func anotherOperatorUnderAnOldNameIsNoMatch() throws {
    func model(_ op: String) throws -> Model {
      var sketch = ModelSketch()
      sketch.add(op, [sketch.input("x", ["N"])], name: "act", as: "y")
      sketch.output("y")
      return try sketch.model()
    }
    let diff = renderer.diff(before: try model("Relu"), after: try model("Sigmoid"))
    #expect(diff.nodes.filter { $0.mark == .removed }.map(\.title) == ["Relu"])
    #expect(diff.nodes.filter { $0.mark == .added }.map(\.title) == ["Sigmoid"])
  }
}

@Suite struct DifferenceListTests {
  private func differences(_ before: Model, _ after: Model) -> ModelDifferences {
    ModelDifferences(ModelComparison(before, after))
  }

  @Test func equalModelsHaveNone() throws {
    let (a, b) = try (ModelSketch.residualNetwork(blocks: 1), ModelSketch.residualNetwork(blocks: 1))
    #expect(differences(a, b).isEmpty && differences(a, b).unchanged == a.allNodes.count)
  }

  @Test func eachChangedNodeHasALine() throws {
    let before = try ModelSketch.residualNetwork(blocks: 3)
    let list = differences(before, try before.bypassing("layer1/layer1.1"))
    #expect(list.count(.removed) == 7 && list.count(.added) == 0 && list.declarations.isEmpty)
    #expect(
      list.nodes.filter { $0.change == "changed" }.map { "\($0.op) \($0.name): \($0.parts)" } == [
        #"Conv /layer1/layer1.2/conv1/Conv: ["inputs"]"#, #"Add /layer1/layer1.2/Add: ["inputs"]"#,
      ])
  }

  @Test func inputsOutputsAndOperatorSetsAreCompared() throws {
    func model(_ text: String) throws -> Model { try Model(NamedModel(parsing: text)) }
    let before = try model(
      #"<ir_version: 8, opset_import: ["": 13]> g (float[N] x) => (float[N] y) { y = Relu(x) }"#)
    let after = try model(
      #"<ir_version: 8, opset_import: ["": 17]> g (float[4] x) => (float[N] z) { z = Relu(x) }"#)
    let list = differences(before, after).declarations
    #expect(list.map(\.kind) == ["input", "output", "output", "opset"])
    #expect(list.map(\.name) == ["x", "y", "z", "ai.onnx"])
    #expect(list.map(\.before) == ["float[N]", "float[N]", nil, "version 13"])
    #expect(list.map(\.after) == ["float[4]", nil, "float[N]", "version 17"])
  }
}
