import Foundation
import GraphIR
import Testing

@testable import Rendering

@Suite struct OverlayTests {
  private func overlay(_ model: Model, _ combination: NodeOverlay.Combination, _ value: (Int) -> Double)
    -> NodeOverlay
  {
    var overlay = NodeOverlay("things", combination) { "\(NumberText.short($0)) t" }
    for (index, node) in model.allNodes.enumerated() {
      overlay.values[node] = NodeOverlay.Measure(value(index))
    }
    return overlay
  }

  private func renderer(expands: Bool = true) -> ModelRenderer {
    var options = RenderOptions()
    options.joinsRepetitions = !expands
    return ModelRenderer(options: options)
  }

  @Test func numbersAreInLabelsAndShades() throws {
    let model = try ModelSketch.chain(4)
    let picture = renderer().picture(of: model, overlay: overlay(model, .sum) { Double($0 * 100) })
    let dot = picture.dot
    #expect(dot.contains("<b>0 t · 0.0 %</b>") && dot.contains("<b>300 t · 50.0 %</b>"))
    #expect(dot.contains("things, 600 t in all"))
    // The legend's steps: shades are square roots of shares.
    for text in ["0 t", "18.75 t", "75 t", "168.75 t", "300 t"] {
      #expect(dot.contains("\u{A0}\(text)\u{A0}"))
    }
    #expect(dot.contains("fillcolor=\"#56b4e9\"") && dot.contains("fillcolor=\"#f4f5f7\""))
  }

  @Test func whatIsDrawnAsOneIsCountedTogether() throws {
    let model = try ModelSketch.residualNetwork(blocks: 6)
    func block(_ combination: NodeOverlay.Combination) -> Double? {
      let picture = renderer(expands: false).picture(
        of: model, overlay: overlay(model, combination) { Double($0) })
      return picture.nodes.first { $0.count == 6 }?.measure?.value
    }
    // The first of each block is node 2, 9, 16, … of the file.
    #expect(block(.sum) == 117)
    #expect(block(.maximum) == 37)
    #expect(block(.mean) == 19.5)
    var options = RenderOptions()
    (options.maximumNodes, options.joinsRepetitions) = (5, false)
    let folded = ModelRenderer(options: options).picture(of: model, overlay: overlay(model, .sum) { _ in 1 })
    #expect(folded.nodes.reduce(0) { $0 + ($1.measure?.value ?? 0) } == Double(model.allNodes.count))
  }

  @Test func whatIsNoNumberIsNoValue() throws {
    let model = try ModelSketch.chain(3)
    let values = [Double.nan, .infinity, -5]
    let picture = renderer().picture(of: model, overlay: overlay(model, .maximum) { values[$0] })
    #expect(picture.nodes.compactMap { $0.measure?.value } == [-5])
    #expect(picture.dot.contains("no value") && !picture.dot.contains("nan"))
    let nothing = renderer().picture(of: model, overlay: NodeOverlay("x", .sum) { "\($0)" })
    #expect(try GraphvizProcess().render(nothing.dot, as: .svg).messages.isEmpty)
  }

  @Test(arguments: HostileNameTests.names.indices) func textsAreEscaped(index: Int) throws {
    let model = try ModelSketch.chain(2)
    let text = HostileNameTests.names[index]
    var overlay = NodeOverlay(text, .sum) { _ in text }
    for node in model.allNodes { overlay.values[node] = NodeOverlay.Measure(1, note: text) }
    let rendering = try GraphvizProcess().render(
      renderer().picture(of: model, overlay: overlay).dot, as: .svg)
    #expect(rendering.messages.isEmpty)
    #expect(!String(decoding: rendering.bytes, as: UTF8.self).contains("<script"))
  }

  /// WCAG's ratio for text on its ground, at least 4.5 in both themes on every shade.
  @Test(arguments: Theme.allCases) func textIsReadableOnEveryShade(theme: Theme) {
    func luminance(_ colour: Colour) -> Double {
      let parts = [colour.red, colour.green, colour.blue].map { part -> Double in
        let share = Double(part) / 255
        return share <= 0.03928 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    let palette = Palette.of(theme)
    for shade in stride(from: 0.0, through: 1, by: 0.125) {
      let pair = [luminance(palette.text), luminance(palette.fill(shade: shade))].sorted()
      #expect((pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, "\(shade)")
    }
  }

  @Test func marksStayOnAnOverlay() throws {
    let before = try ModelSketch.residualNetwork(blocks: 2)
    let after = try before.bypassing("layer1/layer1.0")
    let diff = ModelRenderer().diff(
      before: before, after: after,
      overlays: (overlay(before, .sum) { _ in 2 }, overlay(after, .sum) { _ in 1 }))
    let removed = try #require(diff.dot.split(separator: "\n").first { $0.contains("− Conv") })
    #expect(removed.contains("color=\"#cc3311\"") && removed.contains("2 t ·"))
  }
}
