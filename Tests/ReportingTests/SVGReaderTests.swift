import Testing

@testable import Reporting

@Suite struct SVGReaderTests {
  private func read(_ text: String) throws -> SVGElement { try SVGReader.read(Array(text.utf8)) }

  @Test func readsWhatRenderersWrite() throws {
    let svg = try read(
      """
      <?xml version="1.0"?>
      <!DOCTYPE svg PUBLIC "x" "y">
      <!-- a <b> --><svg width="8pt" viewBox="0 0 1 2"><g id="a"><title>a&#45;&gt;b &amp;&quot;&#x41;</title>
      <path d="M1,2"/></g><text x="1">é &#160;</text></svg>
      """)
    #expect(svg.name == "svg" && svg["viewBox"] == "0 0 1 2" && svg["height"] == nil)
    #expect(svg.first("g")?.first("title")?.text == "a->b &\"A")
    #expect(svg.first("g")?.first("path")?["d"] == "M1,2")
    #expect(svg.first("text")?.text == "é \u{A0}")
  }

  @Test(arguments: [
    "", "text", "<svg>", "<svg", "<svg x", "<svg x=>", "<svg x='1'/>", "<svg x=\"1/>", "<svg></g>", "</svg>",
    "<svg>&unknown;</svg>", "<svg>&#xD800;</svg>", "<svg>&#99999999999;</svg>", "<svg>&amp</svg>", "<!-- ",
    "<?xml",
    "< svg/>", "<svg><!-- </svg>", String(repeating: "<g>", count: 100_000),
  ]) func refusesEverythingElse(text: String) {
    #expect(throws: SVGError.self) { try read(text) }
  }

  @Test func bytesThatAreNoTextAreReplaced() throws {
    let bytes = Array("<text>".utf8) + [0xFF, 0xED, 0xA0, 0x80] + Array("</text>".utf8)
    #expect(try SVGReader.read(bytes).text.unicodeScalars.allSatisfy { $0 == "\u{FFFD}" })
  }

  @Test func onlyShapesAndHowTheyLookComeOver() throws {
    let element = try read(
      """
      <path d="M0,0" onclick="alert(1)" style="x" href="y" fill="url(#a)" stroke="#ff0000" xlink:href="z"/>
      """)
    guard case .element(let tag, let attributes, _)? = element.shape else {
      Issue.record("no shape")
      return
    }
    #expect(tag == .path && attributes.map(\.name) == [.d, .stroke])
    for name in ["script", "image", "foreignObject", "use", "style", "animate", "a", "g"] {
      #expect(try read("<\(name) d=\"M0\"/>").shape == nil)
    }
  }
}
