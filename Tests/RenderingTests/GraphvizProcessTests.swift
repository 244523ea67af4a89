import Foundation
import Processes
import Testing

@testable import Rendering

/// What becomes of a picture when the process that draws it fails.
@Suite struct GraphvizProcessTests {
  /// One that fails at DOT with a text in it, such as a kind of box.
  private func process(_ fault: String, secondsLimit: Double = 60) -> GraphvizProcess {
    var process = GraphvizProcess(secondsLimit: secondsLimit)
    process.command.environment[GraphvizFault.variable] = fault
    return process
  }

  /// Repetitions in modules.
  private func picture() throws -> GraphPicture {
    var renderer = ModelRenderer()
    renderer.options.showsModules = true
    return renderer.picture(of: try ModelSketch.residualNetwork(blocks: 8))
  }

  @Test func theBytesAreThoseOfGraphviz() throws {
    let picture = try picture()
    for format in [PictureFormat.svg, .png] {
      let drawn = try picture.drawn(as: format)
      #expect(drawn.failure == nil && drawn.picture.dot == picture.dot)
      #expect(try drawn.bytes == GraphvizContext.render(picture.dot, as: format))
    }
  }

  @Test(arguments: ["crash", "exit"]) func withoutBoxesOfModulesWhereThoseFail(fault: String) throws {
    let picture = try picture()
    let label = try #require(picture.clusters.first { $0.kind == .module }?.id)
    let drawn = try picture.drawn(as: .svg, by: process("\(fault)-at:subgraph \(label) "))
    #expect(drawn.picture.clusters.map(\.kind) == [.repetition(8)])
    #expect(drawn.picture.nodes.map(\.id) == picture.nodes.map(\.id))
    #expect(
      drawn.picture.subtitle == picture.subtitle + " · boxes of modules are left out: Graphviz fails on them")
    #expect(drawn.bytes == (try drawn.picture.render(as: .svg)))
    switch drawn.failure {
    case .crashed(signal: SIGSEGV, messages: ""): #expect(fault == "crash")
    case .failed(status: GraphvizStep.layOut.rawValue, messages: ""): #expect(fault == "exit")
    default: Issue.record("\(drawn.failure.debugDescription)")
    }
  }

  @Test func withoutAnyWhereThoseFail() throws {
    let picture = try picture()
    let drawn = try picture.drawn(as: .svg, by: process("crash-at:subgraph"))
    #expect(drawn.picture.clusters.isEmpty)
    #expect(drawn.picture.nodes.map(\.title) == picture.nodes.map(\.title))
    #expect(drawn.picture.subtitle.hasSuffix(" · boxes are left out: Graphviz fails on them"))
    // What the box of the repetition said.
    let repeated = drawn.picture.nodes.filter { $0.details.last == "×8" }
    #expect(repeated.count == 7 && repeated.allSatisfy { $0.count == 8 })
    let svg = String(decoding: drawn.bytes, as: UTF8.self)
    #expect(svg.contains("boxes are left out") && !svg.contains("class=\"cluster\""))
  }

  @Test func boxesOfBothSidesStay() throws {
    var renderer = ModelRenderer()
    renderer.options.diffLayout = .sideBySide
    renderer.options.showsModules = true
    let before = try ModelSketch.residualNetwork(blocks: 8)
    let picture = renderer.diff(before: before, after: try before.bypassing("layer1/layer1.2"))
    #expect(picture.clusters.count > 2)
    let plainest = try #require(picture.plainer.last)
    #expect(plainest.clusters.map(\.label) == ["before", "after"])
    #expect(plainest.nodes.allSatisfy { $0.kind == .anchor || $0.cluster != nil })
  }

  @Test func whatFailsWithoutBoxesIsTheFirstFailure() throws {
    let picture = try picture()
    #expect(throws: GraphvizError.crashed(signal: SIGSEGV, messages: "")) {
      try picture.drawn(as: .svg, by: process("crash"))
    }
    let flat = try #require(picture.plainer.last)
    #expect(flat.plainer.isEmpty)
    #expect(throws: GraphvizError.failed(status: GraphvizStep.layOut.rawValue, messages: "")) {
      try flat.drawn(as: .svg, by: process("exit"))
    }
  }

  @Test func whatHangsIsGivenUp() throws {
    let picture = try picture()
    let label = try #require(picture.clusters.first { $0.kind == .module }?.id)
    let drawn = try picture.drawn(as: .svg, by: process("hang-at:subgraph \(label) ", secondsLimit: 6))
    #expect(drawn.failure == .timedOut(seconds: 6) && drawn.picture.clusters.map(\.kind) == [.repetition(8)])
    #expect(throws: GraphvizError.timedOut(seconds: 0.2)) {
      try process("hang", secondsLimit: 0.2).render("digraph {}", as: .svg)
    }
  }

  @Test func whatIsNoGraphIsRefusedWithWhatGraphvizSays() throws {
    let error = #expect(throws: GraphvizError.self) {
      try GraphvizProcess().render("digraph { a -> ", as: .svg)
    }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("Graphviz could not read the graph: ") && text.contains("syntax error"), "\(text)")
    #expect(throws: GraphvizError.failed(status: GraphvizStep.read.rawValue, messages: "")) {
      try GraphvizProcess().render("", as: .svg)
    }
  }

  @Test func aMissingToolIsNamed() throws {
    let process = GraphvizProcess(command: ProcessCommand(executable: "/no/such/workbench"))
    let error = #expect(throws: GraphvizError.self) { try picture().drawn(as: .svg, by: process) }
    let text = try #require(error?.description)
    #expect(text.contains("/no/such/workbench: No such file or directory"))
    #expect(text.contains(ProcessCommand.executableVariable))
    // Its text needs none.
    #expect(try picture().drawn(as: .dot, by: process).bytes == Array(picture().dot.utf8))
  }

  @Test func severalAreDrawnAtOnceInTheirOrder() throws {
    let pictures = try (1..<9).map { blocks in
      ModelRenderer().picture(of: try ModelSketch.residualNetwork(blocks: blocks))
    }
    let drawn = GraphPicture.drawn(pictures, as: .svg)
    #expect(drawn.count == pictures.count)
    for (picture, drawn) in zip(pictures, drawn) {
      #expect(try drawn.get().bytes == picture.render(as: .svg))
    }
    #expect(GraphPicture.drawn([], as: .svg).isEmpty)
  }
}
