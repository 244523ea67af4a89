import GraphIR
import TensorCore
import Testing

@testable import Rendering

@Suite struct GraphvizTests {
  private func text(_ picture: GraphPicture) throws -> String {
    String(decoding: try picture.render(as: .svg), as: UTF8.self)
  }

  @Test func formatsBeginAsTheyShould() throws {
    let picture = ModelRenderer().picture(of: try ModelSketch.branches())
    #expect(try picture.render(as: .dot) == Array(picture.dot.utf8))
    #expect(try picture.render(as: .svg).starts(with: Array("<?xml".utf8)))
    #expect(try picture.render(as: .png).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try picture.render(as: .pdf).starts(with: Array("%PDF".utf8)))
  }

  @Test func nodesKeepTheirIdentifiers() throws {
    let svg = try text(ModelRenderer().picture(of: try ModelSketch.branches()))
    for id in ["node_shift", "node_choose", "input_x", "output_y", "cluster_then_branch_choose"] {
      #expect(svg.contains("id=\"\(id)\""))
    }
  }

  @Test func twoRendersAreEqual() throws {
    func render() throws -> (dot: String, svg: String) {
      let before = try ModelSketch.residualNetwork(blocks: 6)
      let diff = ModelRenderer().diff(before: before, after: try before.bypassing("layer1/layer1.2"))
      return (diff.dot, try text(diff))
    }
    let (first, second) = (try render(), try render())
    #expect(first.dot == second.dot)
    #expect(first.svg == second.svg)
  }

  @Test func severalThreadsMayRenderAtOnce() async throws {
    let picture = ModelRenderer().picture(of: try ModelSketch.residualNetwork(blocks: 2))
    let expected = try picture.render(as: .svg)
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<8 { group.addTask { try picture.render(as: .svg) } }
      for try await bytes in group { #expect(bytes == expected) }
    }
  }

  @Test func bothThemesAndDirectionsRenderWithoutComplaint() throws {
    let before = try ModelSketch.residualNetwork(blocks: 2)
    let after = try before.bypassing("layer1/layer1.0")
    for theme in Theme.allCases {
      for direction in [RenderOptions.Direction.topToBottom, .leftToRight] {
        var renderer = ModelRenderer()
        renderer.options.theme = theme
        renderer.options.direction = direction
        let all = renderer.comparison(of: before, and: after)
        for picture in [all.before, all.after, all.diff] {
          #expect(try GraphvizProcess().render(picture.dot, as: .svg).messages.isEmpty)
        }
      }
    }
  }

  @Test func deepGraphsFitTheStack() throws {
    var picture = GraphPicture(title: "deep")
    for index in 0..<1_500 {
      picture.nodes.append(.init(id: "node_\(index)", kind: .operation(.other), title: "n"))
      if index > 0 { picture.edges.append(.init(from: index - 1, to: index)) }
    }
    #expect(try picture.render(as: .svg).count > 100_000)
  }
}
