import Foundation
import Testing

@testable import Reporting

/// Pages in a browser. What is tried there is in `page-checks.js`.
@Suite(.enabled(if: Browser.path != nil, Browser.absence), .timeLimit(.minutes(2)))
struct BrowserTests {
  private func failures(in page: String, width: Int) async throws -> (count: Int, failures: [String]) {
    let script = String(decoding: PackageResources.page_checks_js, as: UTF8.self)
    let document = try await Browser.document(of: page, running: script, width: width)
    let found = try #require(
      document.firstMatch(of: /data-checks="(\d+) ([^"]*)"/), "\(document.prefix(400))")
    let bytes = try #require(Data(base64Encoded: String(found.output.2)))
    let json = try #require(String(decoding: bytes, as: UTF8.self).removingPercentEncoding)
    return (
      count: try #require(Int(found.output.1)),
      failures: try JSONDecoder().decode([String].self, from: Data(json.utf8))
    )
  }

  @Test(arguments: [1280, 500]) func aReaderSortsFindsMovesAndFollows(width: Int) async throws {
    let result = try await failures(in: try PageFixture(text: "").html(), width: width)
    #expect(result.failures.isEmpty, "\(result.failures)")
    #expect(result.count == 38)
  }

  /// What is drawn once for all repetitions of a block is found by the name of any of them. The first block reads the
  /// input and stays apart.
  @Test func aNodeIsFoundWhereItIsDrawnWithOthers() async throws {
    let document = try await Browser.document(
      of: try PageFixture(text: "").html(ofRepeatedBlocks: 8),
      running: """
        const field = document.querySelector("#find");
        field.value = "exp body.5";
        field.dispatchEvent(new Event("input", { bubbles: true }));
        const title = document.querySelector(".node.current title").textContent.split("\\n")[0];
        document.documentElement.dataset.found = `${document.querySelector(".found").value}, at ${title}`;
        """)
    #expect(document.contains("data-found=\"1 of 1: drawn together with others, at Exp /body.1/Exp\""))
  }

  /// All that is hostile at once; and scripts that somebody managed to put into the page do not run.
  @Test func nothingInAModelRuns() async throws {
    let text = PageFixture.hostile.filter { $0.utf8.count < 1_000 }.joined(separator: " ")
    let injected = "<script>document.documentElement.dataset.evil = 2</script>"
    let image = "<img src=x onerror=\"document.documentElement.dataset.evil = 3\">"
    let page = try PageFixture(text: text).html()
    let document = try await Browser.document(
      of: page.replacing("</main>", with: "\(injected)\(image)</main>", maxReplacements: 1))
    #expect(document.contains("class=\"viewer live\""))
    #expect(!document.contains("data-evil"))
    let body = try #require(document.range(of: "<body>"))
    let tags = MarkupScanner(document[body.lowerBound...]).tags.filter { !$0.hasPrefix("/") }
    #expect(tags.count { $0 == "script" } == 2 && tags.count { $0 == "img" } == 1)
    #expect(Set(tags).isDisjoint(with: ["base", "iframe", "link", "object", "embed", "style", "form"]))
  }
}
