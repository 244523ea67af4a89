import Foundation
import GraphIR
import TensorCore
import Testing

@testable import Rendering

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct HostileNameTests {
  static let names = [
    "\"];evil [URL=\"javascript:alert(1)\"];\"", "<script>alert(1)</script>", "&lt;b&gt;&#x3c;",
    "\\N\\G\\E \\l\\r",
    "a\u{0}b\u{1}\u{1B}[31m\u{7F}\u{85}", "\u{202E}gnp.exe\u{2066}", "--><svg onload=alert(1)>", "]]>", "\\",
    "{a|b}<port>", "\r\n\tx", "' onmouseover='alert(1)", "𝓗é日本\u{301}",
    String(repeating: "x", count: 100_000),
    "a" + String(repeating: "\u{301}", count: 50_000), "node", "%s%n", "",
  ]

  /// A model that says `text` wherever a model can say something.
  private func model(_ text: String) throws -> Model {
    let value = text.isEmpty ? "x" : text
    var sketch = ModelSketch(text)
    sketch.graph.inputs = [NamedValue(value, AnnotatedType(.tensor(.float32, [.symbol(text)])))]
    sketch.graph.nodes = [
      NamedNode(
        OperatorName(text.isEmpty ? "Op" : text, domain: text), name: text, inputs: [value],
        outputs: ["h" + text],
        attributes: [
          NamedAttribute(text, .string(ByteString(text))), NamedAttribute("b", .strings([ByteString(text)])),
        ]),
      NamedNode(OperatorName("Relu"), name: text, inputs: ["h" + text], outputs: ["y" + text]),
    ]
    sketch.graph.outputs = [NamedValue("y" + text, nil)]
    return try sketch.model()
  }

  @Test(arguments: names.indices) func nothingInAModelBecomesMarkup(index: Int) throws {
    let before = try model(Self.names[index])
    var after = before
    let node = after.allNodes[0]
    after.edit(as: Self.names[index]) { $0.setAttributes(of: node, to: []) }
    let picture = ModelRenderer().diff(before: before, after: after)
    let longest = picture.dot.split(separator: "\n").map(\.utf8.count).max() ?? 0
    #expect(longest < 16_384)
    let rendering = try GraphvizProcess().render(picture.dot, as: .svg)
    #expect(rendering.messages.isEmpty)
    try check(rendering.bytes)
  }

  /// The SVG is well-formed and holds nothing but shapes, text and titles.
  private func check(_ svg: [UInt8]) throws {
    let parser = XMLParser(data: Data(svg))
    let collector = Collector()
    parser.delegate = collector
    #expect(parser.parse())
    #expect(
      collector.elements.isSubset(of: [
        "svg", "g", "title", "polygon", "path", "ellipse", "text", "a", "polyline",
      ]))
    #expect(collector.attributes.allSatisfy { !$0.hasPrefix("on") && $0 != "href" && $0 != "xlink:href" })
    #expect(collector.nodeCount == 4)
  }

  private final class Collector: NSObject, XMLParserDelegate {
    var elements: Set<String> = []
    var attributes: Set<String> = []
    var nodeCount = 0

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes values: [String: String]
    ) {
      elements.insert(name)
      attributes.formUnion(values.keys)
      if values["class"] == "node" { nodeCount += 1 }
    }
  }

  @Test func controlCharactersBecomeVisible() {
    #expect("a\nb\u{7F}\u{202E}".shown(atMost: 9) == "a␊b␡\u{FFFD}")
    #expect("abcdef".shown(atMost: 4) == "abc…")
    #expect("abcdef".shownEnd(atMost: 4) == "…def")
    #expect("abcd".shownEnd(atMost: 4) == "abcd")
  }

  @Test func quotingLeavesNothingForGraphvizToRead() {
    #expect("\\N \"x\" &lt;\n".quotedForDOT == #""\\N \"x\" &amp;lt;\n""#)
    #expect("<b> & \"".escapedForHTML == "&lt;b&gt; &amp; &quot;")
  }
}
