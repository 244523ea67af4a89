import Foundation
import GraphIR
import Testing

@testable import Rendering

@Suite struct FoldingTests {
  private func isAcyclic(_ picture: GraphPicture) -> Bool {
    let graph = PictureGraph(picture)
    return picture.edges.allSatisfy { graph.positions[$0.tail] < graph.positions[$0.head] }
  }

  @Test func smallGraphsAreDrawnWhole() throws {
    let picture = ModelRenderer().picture(of: try ModelSketch.residualNetwork(blocks: 16))
    #expect(picture.nodes.allSatisfy { $0.kind != .summary })
  }

  @Test func aLongChainKeepsItsEnds() throws {
    var renderer = ModelRenderer()
    renderer.options.joinsRepetitions = false
    let picture = renderer.picture(of: try ModelSketch.chain(5_000))
    #expect(picture.nodes.count == 27)
    #expect(picture.nodes.filter { $0.kind == .summary }.map(\.title) == ["⋯ 4,976 nodes"])
    #expect(picture.subtitle == "5,000 nodes · 4,976 folded away")
    #expect(try picture.render(as: .svg).count > 1_000)
  }

  @Test func aBigDiffShowsTheSurroundingsOfChanges() throws {
    let before = try ModelSketch.residualNetwork(blocks: 120)
    let after = try before.bypassing("layer1/layer1.50").bypassing("layer1/layer1.100")
    var renderer = ModelRenderer()
    renderer.options.joinsRepetitions = false
    let diff = renderer.diff(before: before, after: after)
    #expect(diff.nodes.count < 100)
    #expect(diff.nodes.filter { $0.mark == .removed }.count == 14)
    #expect(diff.nodes.contains { $0.title.hasPrefix("⋯ 3") })
    #expect(isAcyclic(diff))
  }

  @Test(arguments: [1, 2, 3, 10, 40, 200]) func anyLimitIsKept(limit: Int) throws {
    var renderer = ModelRenderer()
    renderer.options.joinsRepetitions = false
    renderer.options.maximumNodes = limit
    renderer.options.maximumDiffNodes = limit
    let before = try ModelSketch.residualNetwork(blocks: 40)
    for model in [before, try ModelSketch.branches(), try ModelSketch.chain(300)] {
      let picture = renderer.picture(of: model)
      #expect(picture.nodes.count <= limit)
      #expect(isAcyclic(picture))
      #expect(picture.namesAll(of: model))
    }
    // Changes are shown even so, but nothing that is far from them.
    let diff = renderer.diff(before: before, after: try before.bypassing("layer1/layer1.7"))
    #expect(diff.nodes.count < max(limit, 30))
    #expect(diff.nodes.filter { $0.mark == .removed }.count == 7)
    #expect(isAcyclic(diff))
  }

  /// a → … → changed → … → z, with an edge from a straight to z: one summary for both runs would be a cycle.
  @Test func aStretchInterruptedByAChangeFoldsInTwo() throws {
    var sketch = ModelSketch()
    let first = sketch.add("Relu", [sketch.input("x", ["N"])])
    var x = first
    for index in 0..<21 {
      x = sketch.add("Elu", [x], name: index == 10 ? "middle" : "", [NamedAttribute("alpha", .float(2))])
    }
    sketch.output(sketch.add("Add", [x, first]))
    let before = try sketch.model()
    var renderer = ModelRenderer()
    renderer.options.joinsRepetitions = false
    renderer.options.maximumDiffNodes = 6
    let after = try before.changing("middle", Attribute("alpha", .float(3)))
    let diff = renderer.diff(before: before, after: after)
    #expect(diff.nodes.filter { $0.kind == .summary }.count == 2)
    #expect(isAcyclic(diff))
  }

  @Test func theHardLimitHoldsWhateverTheOptionsSay() throws {
    var renderer = ModelRenderer()
    renderer.options.joinsRepetitions = false
    renderer.options.maximumNodes = .max
    var sketch = ModelSketch()
    let x = sketch.input("x", ["N"])
    let branches = (0..<4_000).map { _ in sketch.add("Relu", [x]) }
    sketch.add("Max", branches, as: "y")
    sketch.output("y")
    let picture = renderer.picture(of: try sketch.model())
    #expect(picture.nodes.map(\.title) == ["x", "⋯ 4,000 nodes", "Max", "y"])
  }

  @Test func longEdgesBecomeReferences() throws {
    var sketch = ModelSketch()
    let mask = sketch.input("mask", ["N"])
    var x = sketch.input("x", ["N"])
    for _ in 0..<100 { x = sketch.add("Add", [x, mask]) }
    sketch.output(x)
    var renderer = ModelRenderer()
    renderer.options.joinsRepetitions = false
    let picture = renderer.picture(of: try sketch.model())
    #expect(picture.nodes.filter { $0.kind == .reference }.allSatisfy { $0.title == "↑ mask" })
    #expect(picture.nodes.contains { $0.kind == .reference })
    #expect(PictureGraph(picture).edgeSpans < 1_200)
  }

  @Test func manyBodiesFoldIntoTheirNodes() throws {
    var sketch = ModelSketch()
    let flag = sketch.input("flag", [], .bool)
    var x = sketch.input("x", ["N"])
    for index in 0..<200 {
      let bodies = ["Relu", "Neg"].map { op in
        var body = ModelSketch(op)
        body.add(op, [x], as: "r\(index)")
        body.output("r\(index)")
        return body.graph
      }
      x = sketch.add(
        "If", [flag], as: "h\(index)",
        [NamedAttribute("then_branch", .graph(bodies[0])), NamedAttribute("else_branch", .graph(bodies[1]))])
    }
    sketch.output(x)
    var renderer = ModelRenderer()
    renderer.options.maximumNodes = 500
    let model = try sketch.model()
    let picture = renderer.picture(of: model)
    #expect(picture.clusters.isEmpty)
    #expect(picture.nodes.contains { $0.details == ["⋯ 4 nodes inside"] })
    #expect(picture.namesAll(of: model))
  }

  /// Ten times the graph takes far less than a hundred times the time, also where one value has all the uses.
  @Test func timeGrowsWithTheGraph() throws {
    func time(_ count: Int) throws -> Double {
      var sketch = ModelSketch()
      let x = sketch.input("x", ["N"])
      var y = sketch.add("Relu", [x], name: "same")
      for _ in 0..<count { y = sketch.add("Add", [y, x], name: "same") }
      sketch.output(y)
      let model = try sketch.model()
      let other = try Model(model.named())
      let start = threadTime()
      _ = ModelRenderer().diff(before: model, after: other)
      return threadTime() - start
    }
    let small = try time(500)
    #expect(try time(5_000) < small * 50)
  }

  /// Seconds that this thread has computed, whatever else the machine does.
  private func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
