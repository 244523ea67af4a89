import GraphAnalysis
import GraphIR
import TensorCore
import Testing

@testable import Rendering

@Suite struct RepetitionTests {
  private let renderer = ModelRenderer()

  private func repetitions(in picture: GraphPicture) -> [Int] {
    picture.clusters.compactMap { if case .repetition(let count) = $0.kind { count } else { nil } }
  }

  private func labels(in picture: GraphPicture) -> [String] {
    picture.edges.map(\.label).filter { !$0.isEmpty }
  }

  private func picture(_ model: Model, _ change: (inout RenderOptions) -> Void = { _ in }) -> GraphPicture {
    var (renderer, model) = (renderer, model)
    ShapeInference.run(on: &model)
    renderer.options.showsTypes = false
    change(&renderer.options)
    return renderer.picture(of: model)
  }

  /// Every node of the model is in the picture, alone or among those that a node stands for, and named there.
  private func countsAreRight(_ picture: GraphPicture, _ model: Model) -> Bool {
    picture.namesAll(of: model)
      && picture.nodes.filter(\.isOperation).reduce(0) { $0 + $1.count } == model.allNodes.count
  }

  @Test func equalBlocksAreDrawnOnce() throws {
    let model = try ModelSketch.residualNetwork(blocks: 24)
    let picture = picture(model)
    #expect(repetitions(in: picture) == [24])
    #expect(
      picture.nodes.filter { $0.count == 24 }.map(\.title) == [
        "Conv", "BatchNormalization", "Relu", "Conv", "BatchNormalization", "Add", "Relu",
      ])
    #expect(countsAreRight(picture, model))
    // Into the first from the stem, from each to the next, out of the last.
    #expect(labels(in: picture).sorted() == ["first", "first", "last", "next", "next"])
    #expect(picture.subtitle == "173 nodes · 161 repeat others")
    #expect(picture.clusters.map(\.label) == ["stem", "layer1/layer1.*"])
    #expect(picture.nodes.contains { $0.subtitle == "layer1.*/conv1" && $0.count == 24 })
    #expect(picture.dot.contains("<b>×24</b>"))
    #expect(try GraphvizProcess().render(picture.dot, as: .svg).messages.isEmpty)
  }

  /// Blocks of two modules each, whose numbers go on: one name for both would be one box.
  @Test func modulesOfABlockStayApart() throws {
    var sketch = ModelSketch()
    var x = sketch.input("x", ["N"])
    for module in 0..<12 {
      for op in module % 2 == 0 ? ["Exp", "Tanh"] : ["Sqrt", "Abs"] {
        x = sketch.add(op, [x], name: "/body.\(module)/\(op)")
      }
    }
    sketch.output(x)
    let picture = picture(try sketch.model())
    #expect(repetitions(in: picture) == [6])
    #expect(picture.clusters.map(\.label) == ["", "body.0 …", "body.1 …"])
  }

  @Test func expandingDrawsThemAll() throws {
    let model = try ModelSketch.residualNetwork(blocks: 24)
    let picture = picture(model) { $0.joinsRepetitions = false }
    #expect(repetitions(in: picture).isEmpty && picture.nodes.count == 175)
  }

  @Test func aBlockWithAnotherAttributeInterrupts() throws {
    let model = try ModelSketch.residualNetwork(blocks: 24)
      .changing("/layer1/layer1.7/conv2/Conv", Attribute("group", .int(2)))
    #expect(repetitions(in: picture(model)) == [7, 16])
    #expect(countsAreRight(picture(model), model))
  }

  /// Blocks of products with weights of these sizes and values, each followed by a Relu.
  private func products(_ widths: [Int], fill: (Int) -> UInt8 = { UInt8($0) }) throws -> Model {
    var sketch = ModelSketch()
    var (x, last) = (sketch.input("x", ["N", .fixed(widths[0])]), widths[0])
    for (index, width) in widths.enumerated() {
      x = sketch.add(
        "MatMul", [x, sketch.weight([last, width], fill: fill(index))], shape: ["N", .fixed(width)])
      x = sketch.add("Relu", [x], shape: ["N", .fixed(width)])
      last = width
    }
    sketch.output(x)
    return try sketch.model()
  }

  @Test func weightsMayDifferButNotTheirSizes() throws {
    #expect(repetitions(in: picture(try products([8, 8, 8, 8, 8]))) == [5])
    #expect(repetitions(in: picture(try products([8, 9, 10, 11, 12]))).isEmpty)
    #expect(repetitions(in: picture(try products([8, 8, 8, 8, 8, 9, 9, 9, 9, 9]))) == [5, 4])
  }

  @Test func sizesThatNobodyKnowsAreTheSame() throws {
    var sketch = ModelSketch()
    let x = sketch.input("x", ["N"])
    let found = (0..<8).map { _ in sketch.add("Exp", [sketch.add("Gather", [x, sketch.add("NonZero", [x])])])
    }
    sketch.output(sketch.add("Max", found))
    #expect(repetitions(in: picture(try sketch.model())) == [8])
  }

  /// A block in many bodies is looked for in each for itself, in time that grows with the nodes.
  @Test func bodiesRepeatForThemselves() throws {
    var sketch = ModelSketch()
    let (flag, x) = (sketch.input("flag", [], .bool), sketch.input("x", ["N"]))
    for index in 0..<60 {
      let bodies = ["Relu", "Neg"].map { op in
        var body = ModelSketch(op)
        var y = x
        for _ in 0..<8 { y = body.add(op, [y], as: "\(op)\(index).\(body.graph.nodes.count)") }
        body.output(y)
        return body.graph
      }
      sketch.output(
        sketch.add(
          "If", [flag], as: "h\(index)",
          [
            NamedAttribute("then_branch", .graph(bodies[0])),
            NamedAttribute("else_branch", .graph(bodies[1])),
          ]))
    }
    let model = try sketch.model()
    let picture = picture(model)
    #expect(repetitions(in: picture) == [Int](repeating: 8, count: 120))
    #expect(countsAreRight(picture, model))
  }

  @Test func fewNodesAreNotWorthABox() throws {
    #expect(repetitions(in: picture(try products([8, 8, 8]))).isEmpty)
  }

  @Test func whereElseARepetitionIsReadIsSaid() throws {
    var sketch = ModelSketch()
    var (x, taps) = (sketch.input("x", ["N"]), [String]())
    for _ in 0..<6 {
      x = sketch.add("Tanh", [sketch.add("Exp", [x])])
      taps.append(x)
    }
    sketch.output(sketch.add("Max", [taps[1], taps[3]]))
    sketch.output(sketch.add("Concat", taps, [NamedAttribute("axis", .int(0))]))
    let model = try sketch.model()
    let picture = picture(model)
    #expect(repetitions(in: picture) == [6])
    #expect(Set(labels(in: picture)) == ["first", "next", "no. 2, 4", "each"])
    #expect(countsAreRight(picture, model))
  }

  /// Like the caches of a decoder: each layer has an input and an output of its own, and all share a mask.
  @Test func portsOfEachRepetitionAreOne() throws {
    var sketch = ModelSketch()
    let mask = sketch.input("mask", ["N"])
    var x = sketch.input("x", ["N"])
    for layer in 0..<5 {
      let cache = sketch.add("Add", [x, sketch.input("past.\(layer)", ["N"])], as: "present.\(layer)")
      sketch.output(cache)
      x = sketch.add("Mul", [sketch.add("Tanh", [cache]), mask])
    }
    sketch.output(x)
    let picture = picture(try sketch.model())
    #expect(repetitions(in: picture) == [5])
    #expect(
      picture.nodes.map(\.title) == [
        "mask", "x", "past.*", "Add", "Tanh", "Mul", "present.*", picture.nodes[7].title,
      ])
    #expect(picture.nodes.filter { $0.title.contains("*") }.allSatisfy { $0.cluster != nil && $0.count == 5 })
    #expect(labels(in: picture).sorted() == ["first", "last", "next"])
  }

  @Test func manyBranchesAreOneAFewAreNot() throws {
    func model(_ count: Int) throws -> Model {
      var sketch = ModelSketch()
      let x = sketch.input("x", ["N"])
      let branches = (0..<count).map { _ in
        sketch.add("Exp", [sketch.add("Tanh", [sketch.add("Relu", [x])])])
      }
      sketch.output(sketch.add("Max", branches))
      return try sketch.model()
    }
    #expect(repetitions(in: picture(try model(3))).isEmpty)
    let picture = picture(try model(8))
    #expect(repetitions(in: picture) == [8])
    #expect(labels(in: picture) == ["each"])
  }

  @Test func theSecondOperandIsNotTheFirst() throws {
    func model(swapped: Bool) throws -> Model {
      var sketch = ModelSketch()
      var x = sketch.input("x", ["N"])
      for layer in 0..<6 {
        let (a, b) = (sketch.add("Exp", [x]), sketch.add("Tanh", [x]))
        x = sketch.add("Sub", swapped && layer % 2 == 1 ? [b, a] : [a, b])
      }
      sketch.output(x)
      return try sketch.model()
    }
    #expect(repetitions(in: picture(try model(swapped: false))) == [6])
    #expect(repetitions(in: picture(try model(swapped: true))) == [3])
  }

  @Test func theSecondOutputIsNotTheFirst() throws {
    func model(_ output: (Int) -> Int) throws -> Model {
      var sketch = ModelSketch()
      var x = sketch.input("x", [2, 8])
      for layer in 0..<8 {
        let y = sketch.add("Concat", [x, x], [NamedAttribute("axis", .int(0))])
        let outputs = ["a\(layer)", "b\(layer)"]
        sketch.graph.nodes.append(
          NamedNode(
            OperatorName("Split"), inputs: [y], outputs: outputs,
            attributes: [NamedAttribute("num_outputs", .int(2))]))
        x = sketch.add("Tanh", [outputs[output(layer)]])
      }
      sketch.output(x)
      return try sketch.model()
    }
    #expect(repetitions(in: picture(try model { _ in 1 })) == [8])
    #expect(repetitions(in: picture(try model { $0 % 2 })) == [4])
    #expect(repetitions(in: picture(try model { $0 / 4 })).count == 2)
  }

  @Test func aValueFromTwoRepetitionsBackIsSaid() throws {
    var sketch = ModelSketch()
    var (x, y, z) = (sketch.input("x", ["N"]), sketch.input("y", ["N"]), sketch.input("z", ["N"]))
    for _ in 0..<9 { (x, y, z) = (sketch.add("Tanh", [sketch.add("Add", [x, z])]), x, y) }
    sketch.output(x)
    let picture = picture(try sketch.model())
    #expect(repetitions(in: picture).count == 1)
    #expect(Set(labels(in: picture)).isSuperset(of: ["next", "2 later"]))
  }

  @Test func theSameChangeOfAllBlocksIsDrawnOnce() throws {
    let before = try ModelSketch.residualNetwork(blocks: 12)
    var after = before
    for block in 0..<12 {
      let path = "/layer1/layer1.\(block)"
      after = try after.fusing("\(path)/conv1/Conv", "\(path)/bn1/BatchNormalization")
    }
    let diff = renderer.diff(before: before, after: after)
    #expect(repetitions(in: diff) == [12])
    #expect(diff.nodes.filter { $0.mark == .removed }.map(\.count) == [12, 12])
    #expect(diff.nodes.filter { $0.mark == .added }.map(\.note) == ["by fuse-conv-batch-norm"])
    let other = try after.changing("/layer1/layer1.5/conv2/Conv", Attribute("group", .int(2)))
    #expect(repetitions(in: renderer.diff(before: before, after: other)) == [5, 6])
  }

  @Test func blocksInsideBlocks() throws {
    var sketch = ModelSketch()
    var x = sketch.input("x", ["N"])
    for _ in 0..<5 {
      for _ in 0..<8 { x = sketch.add("Tanh", [sketch.add("Exp", [x])]) }
      x = sketch.add("Sqrt", [x])
    }
    sketch.output(x)
    let model = try sketch.model()
    let picture = picture(model)
    #expect(repetitions(in: picture).sorted() == [5, 8])
    #expect(picture.nodes.filter(\.isOperation).count == 3)
    #expect(countsAreRight(picture, model))
    #expect(try GraphvizProcess().render(picture.dot, as: .svg).messages.isEmpty)
  }

  /// Labels that recur at ever other distances cost no more than the bound on comparisons.
  @Test func timeGrowsWithTheGraph() throws {
    func time(_ count: Int) throws -> Duration {
      var sketch = ModelSketch()
      var (x, state) = (sketch.input("x", ["N"]), UInt64(7))
      for _ in 0..<count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        x = sketch.add(state >> 62 == 0 ? "Tanh" : "Exp", [x])
      }
      sketch.output(x)
      let model = try sketch.model()
      var builder = PictureBuilder(ModelUnion(model), view: .after, options: RenderOptions())
      let picture = builder.build()
      return ContinuousClock().measure { _ = picture.drawingRepetitionsOnce() }
    }
    let small = try time(1_000)
    #expect(try time(10_000) < small * 60)
  }

  @Test(arguments: [
    (["a1", "a1"], "a1"), (["a1", "a2", "a13"], "a*"), (["l.0/x.1", "l.1/x.1"], "l.*/x.1"),
    (["a", "b"], "a …"), (["a1", "a"], "a1 …"), (["1a", "2a"], "*a"), ([], ""), (["", "5"], " …"),
  ]) func namesInCommon(texts: [String], expected: String) {
    #expect(commonText(texts) == expected)
  }
}

@Suite struct ModuleTests {
  @Test func modulesComeFromNames() throws {
    let picture = ModelRenderer().picture(of: try ModelSketch.residualNetwork(blocks: 1))
    #expect(picture.clusters.map(\.label) == ["stem", "layer1/layer1.0"])
    let flat = ModelRenderer(
      options: {
        var options = RenderOptions(); options.showsModules = false; return options
      }())
    #expect(flat.picture(of: try ModelSketch.residualNetwork(blocks: 1)).clusters.isEmpty)
  }

  /// A module of one node has no box, and the box of its repetition is not that of all around it.
  @Test func aRepetitionIsOfItsOwnNodesOnly() {
    let (features, repetition) = (Scope(name: "features"), Scope(count: 2, repetition: 1))
    let scopes = [
      [features], [features], [features, Scope(name: "features.1"), repetition], [Scope(name: "head")],
    ]
    var picture = GraphPicture(title: "")
    for (index, scopes) in scopes.enumerated() {
      var node = GraphPicture.Node(id: "n\(index)", kind: .summary, title: "")
      node.scopes = scopes
      picture.nodes.append(node)
    }
    let boxed = picture.clusteringScopes(showsModules: true)
    #expect(boxed.clusters.map(\.kind) == [.module, .repetition(2)])
    #expect(boxed.clusters.map(\.label) == ["features", ""])
    #expect(boxed.nodes.map(\.cluster) == [0, 0, 1, nil])
  }

  @Test func modulesComeFromMetadata() throws {
    var sketch = ModelSketch()
    var x = sketch.input("x", ["N"])
    for (index, op) in ["Relu", "Tanh", "Exp", "Sqrt"].enumerated() {
      x = sketch.add(op, [x], name: "n\(index)")
      sketch.graph.nodes[index].annotations.metadata = [
        MetadataEntry(
          key: "pkg.torch.onnx.name_scopes", value: "['', 'model', 'model.layers.\(index / 2)', 'op']")
      ]
    }
    sketch.output(x)
    let picture = ModelRenderer().picture(of: try sketch.model())
    #expect(picture.clusters.map(\.label) == ["model.layers.0", "model.layers.1"])
  }

  @Test(arguments: ["[", "'", "['', '", "[\"a\", 'b", "", "['']", "['a']"])
  func whateverMetadataSaysIsNoError(text: String) throws {
    var sketch = ModelSketch()
    sketch.output(sketch.add("Relu", [sketch.input("x", ["N"])]))
    sketch.graph.nodes[0].annotations.metadata = [
      MetadataEntry(key: "pkg.torch.onnx.name_scopes", value: text)
    ]
    #expect(ModelRenderer().picture(of: try sketch.model()).clusters.isEmpty)
  }

  @Test func aNodeThatAPassMadeLiesWhereItsNeighboursDo() throws {
    let before = try ModelSketch.residualNetwork(blocks: 1)
    let path = "/layer1/layer1.0"
    let after = try before.fusing("\(path)/conv2/Conv", "\(path)/bn2/BatchNormalization")
    let picture = ModelRenderer().picture(of: after)
    let cluster = try #require(picture.clusters.firstIndex { $0.label == "layer1/layer1.0" })
    #expect(picture.nodes.filter { $0.cluster == cluster }.count == 6)
  }

  @Test func largeGraphsFoldByModule() throws {
    var sketch = ModelSketch()
    var x = sketch.input("x", ["N"])
    for index in 0..<600 {
      x = sketch.add(
        ["Relu", "Tanh", "Exp"][(index * index / 7) % 3], [x], name: "/part\(index / 100)/\(index)/Op")
    }
    sketch.output(x)
    var renderer = ModelRenderer()
    renderer.options.maximumNodes = 50
    renderer.options.joinsRepetitions = false
    let picture = renderer.picture(of: try sketch.model())
    #expect(
      picture.nodes.map(\.title).filter { $0.hasPrefix("⋯") } == [String](repeating: "⋯ 100 nodes", count: 6))
    #expect(picture.nodes.filter { $0.kind == .summary }.map(\.subtitle) == (0..<6).map { "part\($0)" })
  }
}
