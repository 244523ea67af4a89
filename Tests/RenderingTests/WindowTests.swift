import GraphIR
import Testing

@testable import Rendering

@Suite struct WindowTests {
  private func picture(around name: String, hops: Int, of model: Model) -> GraphPicture {
    var options = RenderOptions()
    options.window = .around(name)
    options.hops = hops
    return ModelRenderer(options: options).picture(of: model)
  }

  @Test func whatIsNearANodeIsDrawnTheRestFolds() throws {
    let model = try ModelSketch.residualNetwork(blocks: 10)
    let near = picture(around: "/layer1/layer1.4/conv2/Conv", hops: 1, of: model)
    #expect(near.nodes.filter(\.isOperation).map(\.title) == ["Relu", "Conv", "BatchNormalization"])
    #expect(near.nodes.filter { $0.kind == .summary }.count == 2)
    #expect(near.subtitle == "75 nodes · 72 folded away")
    #expect(
      picture(around: "/layer1/layer1.4/conv2/Conv", hops: 0, of: model).nodes.count { $0.isOperation } == 1)
  }

  @Test func portsAndResultsHaveNamesToo() throws {
    let model = try ModelSketch.residualNetwork(blocks: 3)
    #expect(picture(around: "image", hops: 1, of: model).nodes.filter(\.isOperation).map(\.title) == ["Conv"])
    #expect(
      picture(around: "logits", hops: 0, of: model).nodes.filter(\.isOperation).map(\.title) == ["Gemm"])
    #expect(Set(["image", "logits", "/fc/Gemm"]).isSubset(of: model.pictureNames))
    #expect(!model.pictureNames.contains("w1") && !model.pictureNames.contains("nothing"))
  }

  @Test func insideABodyItsSurroundingsStayOutside() throws {
    let near = picture(around: "negate", hops: 1, of: try ModelSketch.branches())
    #expect(near.nodes.contains { $0.id == "node_negate" && $0.cluster != nil })
    #expect(near.clusters.contains { $0.label == "else_branch of choose" })
  }

  @Test func changesOnlyLeavesTheRestOut() throws {
    let before = try ModelSketch.residualNetwork(blocks: 20)
    var options = RenderOptions()
    (options.window, options.hops) = (.changes, 1)
    let renderer = ModelRenderer(options: options)
    let diff = renderer.diff(before: before, after: try before.bypassing("layer1/layer1.7"))
    #expect(diff.nodes.filter { $0.mark == .removed }.count == 7)
    #expect(diff.nodes.filter { $0.mark == nil && $0.isOperation }.count < 8)
    let none = renderer.diff(before: before, after: before)
    #expect(none.nodes.allSatisfy { !$0.isOperation } && none.subtitle.contains("no differences"))
  }

  @Test func aWindowOfEverythingIsStillBounded() throws {
    let near = picture(around: "x", hops: 64, of: try ModelSketch.chain(5_000))
    #expect(near.nodes.count == 67)
    #expect(near.nodes.filter { $0.kind == .summary }.map(\.title) == ["⋯ 4,936 nodes"])
  }
}
