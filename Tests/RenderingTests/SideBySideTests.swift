import GraphIR
import Testing

@testable import Rendering

@Suite struct SideBySideTests {
  private func picture(_ before: Model, _ after: Model, _ change: (inout RenderOptions) -> Void = { _ in })
    -> GraphPicture
  {
    var options = RenderOptions()
    options.diffLayout = .sideBySide
    change(&options)
    return ModelRenderer(options: options).diff(before: before, after: after)
  }

  @Test func eachSideHasItsModel() throws {
    let before = try ModelSketch.residualNetwork(blocks: 2)
    let after = try before.fusing("/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/bn1/BatchNormalization")
    let sides = picture(before, after) { $0.joinsRepetitions = false }
    let left = sides.nodes.filter { $0.id.hasPrefix("before_") }
    let right = sides.nodes.filter { $0.id.hasPrefix("after_") }
    #expect(left.count { $0.isOperation } == before.allNodes.count)
    #expect(right.count { $0.isOperation } == after.allNodes.count)
    #expect(left.filter { $0.mark == .removed }.count == 2 && right.allSatisfy { $0.mark != .removed })
    #expect(right.filter { $0.mark == .added }.map(\.note) == ["by fuse-conv-batch-norm"])
    #expect(sides.sameRanks.count == right.count - 1)
    #expect(sides.clusters.prefix(1).map(\.label) == ["before"])
    // No edge leads from one side to the other.
    func isRight(_ node: Int) -> Bool { sides.nodes[node].id.hasPrefix("after_") }
    #expect(sides.edges.allSatisfy { $0.kind == .order || isRight($0.tail) == isRight($0.head) })
    #expect(try GraphvizProcess().render(sides.dot, as: .svg).messages.isEmpty)
  }

  @Test func correspondingNodesStandAtTheSameHeight() throws {
    let before = try ModelSketch.chain(6)
    var after = before
    let nodes = before.allNodes
    try after.edit(as: "drop") { rewriter in
      try rewriter.replaceAllUses(of: before.outputs(of: nodes[2])[0], with: before.outputs(of: nodes[1])[0])
      rewriter.eraseIfDead(nodes[2])
    }
    let svg = String(decoding: try picture(before, after).render(as: .svg), as: UTF8.self)
    func height(_ id: String) throws -> Double {
      let node = try #require(svg.range(of: "id=\"\(id)\""))
      let match = try #require(svg[node.upperBound...].firstMatch(of: #/ y="(-?[0-9.]+)"/#))
      return try #require(Double(match.1))
    }
    let ids = picture(before, after).nodes.map(\.id).filter { $0.hasPrefix("after_node") }
    #expect(ids.count == 5)
    for id in ids { #expect(try height(id) == height(id.replacing("after_", with: "before_"))) }
  }

  @Test func examplesStandUnderEachOtherTheOlderOnTheLeft() throws {
    let before = try ModelSketch.chain(2)
    var after = before
    let nodes = before.allNodes
    try after.edit(as: "drop") { rewriter in
      try rewriter.replaceAllUses(
        of: before.outputs(of: nodes[0])[0], with: before.inputs(of: before.mainGraph)[0])
      rewriter.eraseIfDead(nodes[0])
    }
    let examples = ["<one>", "two"].map { ModelRenderer.Example(label: $0, before: before, after: after) }
    let picture = ModelRenderer().picture(of: examples)
    #expect(picture.clusters.map(\.label) == ["<one>", "before", "after", "two", "before", "after"])
    #expect(Set(picture.nodes.map(\.id)).count == picture.nodes.count)
    let rendering = try GraphvizProcess().render(picture.dot, as: .svg)
    #expect(rendering.messages.isEmpty)
    let svg = String(decoding: rendering.bytes, as: UTF8.self)
    func place(_ id: String) throws -> (x: Double, y: Double) {
      let node = try #require(svg.range(of: "id=\"\(id)\""))
      let match = try #require(svg[node.upperBound...].firstMatch(of: #/ x="(-?[0-9.]+)" y="(-?[0-9.]+)"/#))
      return (try #require(Double(match.1)), try #require(Double(match.2)))
    }
    #expect(try place("part1_before_input_x").x < place("part1_after_input_x").x)
    #expect(try place("part1_after_input_x").y < place("part2_after_input_x").y)
    #expect(try place("part1_before_input_x").y == place("part1_after_input_x").y)
  }

  @Test func aChangedNodeSaysWhatItWasAndIs() throws {
    let before = try ModelSketch.residualNetwork(blocks: 1)
    let sides = picture(
      before, try before.changing("/layer1/layer1.0/conv2/Conv", Attribute("group", .int(2))))
    let conv = sides.nodes.filter { $0.mark == .changed && $0.title == "Conv" }
    #expect(conv.map { $0.details.contains { $0.contains("group 2") } } == [false, true])
    #expect(conv.allSatisfy { $0.note == "group · by tune" })
  }

  @Test func bothSidesTogetherKeepTheLimit() throws {
    let before = try ModelSketch.chain(3_000)
    let sides = picture(before, before) { ($0.joinsRepetitions, $0.maximumDiffNodes) = (false, .max) }
    #expect(sides.nodes.count <= RenderOptions.hardMaximumNodes)
  }
}
