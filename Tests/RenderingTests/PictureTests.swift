import GraphIR
import TensorCore
import Testing

@testable import Rendering

@Suite struct PictureTests {
  /// x → Conv(w) → Relu → y
  private func small() throws -> Model {
    var sketch = ModelSketch("small")
    let x = sketch.input("x", ["N", 3, 8, 8])
    let h = sketch.conv(x, (3, 4), size: 8, stride: 2, name: "conv1")
    sketch.add("Relu", [h], name: "act", as: "y")
    sketch.output("y", ["N", 4, 4, 4])
    return try sketch.model()
  }

  @Test func aSmallGraphInDOT() throws {
    var options = RenderOptions()
    options.showsLegend = false
    let dot = ModelRenderer(options: options).picture(of: try small()).dot
    let statements = dot.split(separator: "\n").filter { !$0.contains(#/^  (graph|node|edge) /#) }
    #expect(
      statements.joined(separator: "\n") == """
        digraph model {
          input_x [color="#b8c0cc", fillcolor="#f4f5f7", id="input_x", label=<<b>x</b>>, shape="ellipse", \
        style="filled", tooltip="input x: float N×3×8×8"];
          node_conv1 [color="#618ab3", fillcolor="#cbdff2", id="node_conv1", label=<<b>Conv</b><br/>\
        <font color="#5f6b7a" point-size="9">conv1</font><br/>\
        <font color="#1f2933" point-size="9">3×3 · stride 2 · pad 1</font><br/>\
        <font color="#1f2933" point-size="9">W 4×3×3×3</font>>, \
        tooltip="Conv conv1\\nX = x: float N×3×8×8\\nW = w1: float 4×3×3×3\\n→ v2: float N×4×8×8\\n\
        kernel_shape: [3, 3]\\npads: [1, 1, 1, 1]\\nstrides: [2, 2]"];
          node_act [color="#c78a99", fillcolor="#ffdfe5", id="node_act", label=<<b>Relu</b><br/>\
        <font color="#5f6b7a" point-size="9">act</font>>, \
        tooltip="Relu act\\nX = v2: float N×4×8×8\\n→ y: float N×4×4×4"];
          output_y [color="#b8c0cc", fillcolor="#f4f5f7", id="output_y", label=<<b>y</b>>, shape="ellipse", \
        style="filled", tooltip="output y: float N×4×4×4"];
          input_x -> node_conv1 [label=" float N×3×8×8 ", labeltooltip="x: float N×3×8×8", \
        tooltip="x: float N×3×8×8"];
          node_conv1 -> node_act [label=" float N×4×8×8 ", labeltooltip="v2: float N×4×8×8", \
        tooltip="v2: float N×4×8×8"];
          node_act -> output_y [label=" float N×4×4×4 ", labeltooltip="y: float N×4×4×4", \
        tooltip="y: float N×4×4×4"];
        }
        """)
  }

  @Test func constantsStandInTheNodesThatReadThem() throws {
    var sketch = ModelSketch()
    let x = sketch.input("x", ["N", 6])
    let shape = sketch.add(
      "Constant", [], [NamedAttribute("value_ints", .ints([2, 3]))])
    sketch.add("Reshape", [sketch.add("Add", [x, sketch.weight([6], .float16)]), shape], as: "y")
    sketch.output("y")
    let picture = ModelRenderer().picture(of: try sketch.model())
    #expect(picture.nodes.map(\.title) == ["x", "Add", "Reshape", "y"])
    #expect(picture.nodes.flatMap(\.details) == ["B float16 6", "shape [2, 3]"])
    #expect(picture.subtitle == "2 nodes")
  }

  @Test func aConstantThatTheGraphReturnsIsDrawn() throws {
    var sketch = ModelSketch()
    sketch.graph.outputs = [NamedValue(sketch.integers([1, 2]), nil)]
    let picture = ModelRenderer().picture(of: try sketch.model())
    #expect(picture.nodes.map(\.kind) == [.constant, .output])
    #expect(picture.nodes[0].details == ["[1, 2]"])
    #expect(picture.edges.count == 1)
  }

  @Test(arguments: [
    ("auto_pad", AttributeValue.string("SAME_UPPER"), ["pad SAME_UPPER"]),
    ("auto_pad", .string("NOTSET"), []),
    ("pads", .ints([0, 1, 2, 3]), ["pad [0, 1, 2, 3]"]),
    ("pads", .ints([1, 2, 1, 2]), ["pad 1×2"]),
    ("pads", .ints([0, 0, 0, 0]), []),
    ("strides", .ints([1, 1]), []),
    ("group", .int(1), []),
    ("group", .int(16), ["group 16"]),
    ("epsilon", .float(0.5), []),
    ("axis", .int(-1), ["axis -1"]),
    ("perm", .ints([0, 2, 1]), ["perm [0, 2, 1]"]),
    ("to", .int(10), ["to float16"]),
    ("to", .int(.max), ["to type 9223372036854775807"]),
    ("alpha", .float(0.1), ["alpha 0.1"]),
    ("kernel_shape", .ints([]), []),
    ("big", .ints([Int64](repeating: 7, count: 1000)), ["big [7, 7, 7, 7, … 1000]"]),
  ]) func attributesThatMatter(name: String, value: AttributeValue, expected: [String]) {
    let parts = AttributeText.parts([Attribute(name, value)], of: OperatorName("Any"), schema: nil)
    #expect(parts == expected)
  }

  @Test func defaultsOfTheSchemaGoWithoutSaying() throws {
    let op = OperatorName("Gemm")
    let schema = try #require(OperatorSchema.newest(op))
    let attributes = [Attribute("alpha", .float(1)), Attribute("transB", .int(1))]
    #expect(AttributeText.parts(attributes, of: op, schema: schema) == ["transB 1"])
  }

  @Test func symbolicSizesAreText() {
    let shape: Shape = ["N", 3, .unknown, Dimension.symbol("H") * 2]
    #expect(TypeText.short(.tensor(.int8, shape)) == "int8 N×3×?×(2*H)")
    #expect(TypeText.short(.tensor(.float32, [])) == "float scalar")
    #expect(TypeText.short(.sequence(.tensor(.float32, nil))) == "seq(float[])")
  }

  @Test func bodiesAreClusters() throws {
    let picture = ModelRenderer().picture(of: try ModelSketch.branches())
    #expect(picture.clusters.map(\.label) == ["then_branch of choose", "else_branch of choose"])
    let choose = try #require(picture.nodes.firstIndex { $0.title == "If" })
    #expect(picture.clusters.allSatisfy { $0.owner == choose })
    #expect(picture.edges.filter { $0.kind == .result && $0.head == choose }.count == 2)
    // `square` reads h from around, beside what `relu` makes of it.
    #expect(picture.edges.filter { picture.nodes[$0.tail].id == "node_shift" }.count == 3)
  }

  @Test func familiesFollowTheOperator() {
    #expect(OperatorFamily(OperatorName("Conv")) == .linearAlgebra)
    #expect(OperatorFamily(OperatorName("TreeEnsemble", domain: "ai.onnx.ml")) == .traditionalML)
    #expect(OperatorFamily(OperatorName("Gelu", domain: "com.microsoft")) == .activation)
    #expect(OperatorFamily(OperatorName("Mystery")) == .other)
  }

  @Test func everyNodeHasAnIdentifierOfItsOwn() throws {
    var sketch = ModelSketch()
    var x = sketch.input("a", ["N"])
    for name in ["a/b", "a b", "a_b", "", "", "é", "a_b_2"] { x = sketch.add("Relu", [x], name: name) }
    sketch.output(x)
    let ids = ModelRenderer().picture(of: try sketch.model()).nodes.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.starts(with: ["input_a", "node_a_b", "node_a_b_2", "node_a_b_3"]))
  }
}
