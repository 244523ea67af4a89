import GraphIR
import Kernels
import Rendering
import Testing

@testable import Reporting

/// Random text and random damage, the same in every run.
@Suite struct FuzzTests {
  /// Characters that mean something somewhere, and any others.
  private static let special = Array(
    "<>&\"'`/=;#-!()[]{}\\ \n\t\u{0}\u{1B}\u{7F}\u{85}\u{202E}\u{200B}\u{FEFF}a0é𝓗".unicodeScalars)

  private func text(_ random: inout Xoshiro256, length: Int) -> String {
    var result = String.UnicodeScalarView()
    for _ in 0..<length {
      let isSpecial = UInt64.random(in: 0..<4, using: &random) > 0
      let any = Unicode.Scalar(UInt32.random(in: 0..<0x11_0000, using: &random))
      result.append(isSpecial ? Self.special.randomElement(using: &random) ?? "x" : any ?? "x")
    }
    return String(result)
  }

  @Test func escapedTextHoldsNoMarkup() {
    var random = Xoshiro256(seed: 1)
    for length in 0..<300 {
      let escaped = text(&random, length: length).escapedForPage
      #expect(escaped.unicodeScalars.allSatisfy { !["<", ">", "\"", "'"].contains($0) })
      let rest = escaped.replacing(/&(amp|lt|gt|quot|#39);/.matchingSemantics(.unicodeScalar), with: "")
      #expect(!rest.unicodeScalars.contains("&"))
      let isVisible = escaped.unicodeScalars.allSatisfy {
        $0.properties.generalCategory != .format
          && ($0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t")
      }
      #expect(isVisible)
    }
  }

  /// What a browser reads back is what was put in, where nothing had to be replaced.
  @Test func whatWasWrittenIsReadBack() throws {
    var random = Xoshiro256(seed: 2)
    for length in 0..<300 {
      let written = text(&random, length: length).escapedForPage
      let element = try SVGReader.read(Array("<text x=\"\(written)\">\(written)</text>".utf8))
      #expect(element.text == element["x"] && element.text.escapedForPage == written)
    }
  }

  @Test func damagedPicturesAreReadOrRefused() throws {
    let picture = ModelRenderer().picture(of: try PageFixture(text: "").models().before)
    var graph = try DrawnGraph(title: "", file: "a.svg", picture: picture)
    let whole = graph.svg
    var random = Xoshiro256(seed: 3)
    for _ in 0..<200 {
      graph.svg = whole
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let index = Int.random(in: 0..<graph.svg.count, using: &random)
        switch UInt64.random(in: 0..<3, using: &random) {
        case 0: graph.svg[index] = UInt8.random(in: 0...255, using: &random)
        case 1: graph.svg.remove(at: index)
        default: graph.svg.insert(UInt8(ascii: "<"), at: index)
        }
      }
      guard let html = try? GraphFigure.html(of: graph, NodeIndex(NodeNames(of: []))) else { continue }
      var page = ""
      html.write(to: &page)
      let tags = Set(MarkupScanner(page).tags.filter { !$0.hasPrefix("/") })
      #expect(
        tags.isSubset(of: [
          "svg", "g", "title", "path", "polygon", "polyline", "ellipse", "text", "rect", "circle",
        ]))
    }
  }
}
