import Foundation
import Testing

@testable import Reporting

/// What is put into a tree stays data.
@Suite struct HTMLTests {
  private func markup(_ html: HTML) -> String {
    var text = ""
    html.write(to: &text)
    return text
  }

  @Test func textAndAttributesAreEscapedForWhereTheyStand() {
    let html = HTML.Tag.p(.class("a\" onclick='x'"), .label("<&>")) { "a < b & \"c\" 'd' </p><script>" }
    #expect(
      markup(html)
        == "<p class=\"a&quot; onclick=&#39;x&#39;\" aria-label=\"&lt;&amp;&gt;\">"
        + "a &lt; b &amp; &quot;c&quot; &#39;d&#39; &lt;/p&gt;&lt;script&gt;</p>")
  }

  @Test func whatHidesOrReordersTextIsSeen() {
    #expect(("a\u{0}b\u{202E}c\u{AD}" + PageFixture.nonCharacters).escapedForPage == "a�b�c����")
    #expect("é 日本 𝓗\n\tx".escapedForPage == "é 日本 𝓗\n\tx")
  }

  @Test func voidElementsHaveNoEnd() {
    #expect(markup(HTML.Tag.input(.fixed(.type, "search"))) == "<input type=\"search\">")
    #expect(markup(HTML.Tag.p {}) == "<p></p>")
  }

  @Test func linksLeadToPlacesOfThePageOnly() {
    #expect(markup(HTML.Tag.a(.link(to: .plan(3))) { "3" }) == "<a href=\"#plan-3\">3</a>")
    #expect(HTML.Attribute.nodes([]) == nil)
  }

  @Test func thePolicyNamesTheScriptAndTheStyleAndNothingElse() throws {
    let document = HTMLDocument(title: "</title><script>", style: "p { }", script: "1;", body: [])
    let text = document.text()
    // printf '1;' | openssl dgst -sha256 -binary | base64
    #expect(HTMLDocument.source("1;") == "sha256-CImjRDTlhukYQ2AnxOi0wzgPhGQ3Mb3rVwJK24dFz1M=")
    #expect(text.contains("script-src '\(HTMLDocument.source("1;"))'"))
    #expect(text.contains("style-src '\(HTMLDocument.source("p { }"))'"))
    #expect(text.contains("default-src 'none'; ") && !text.contains("unsafe"))
    #expect(text.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"))
  }

  @Test(arguments: [
    (0.0, "0.0000"), (-0.00001, "0.0000"), (-0.00005001, "-0.0001"), (.infinity, "∞"), (-.infinity, "−∞"),
    (.nan, "–"), (1.23456, "1.2346"),
  ]) func numbersHaveNoNegativeZero(value: Double, text: String) {
    #expect(fixed(value) == text)
  }
}
