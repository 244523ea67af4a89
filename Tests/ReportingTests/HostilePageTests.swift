import Foundation
import GraphIR
import Rendering
import Testing

@testable import Reporting

/// Whatever a model or a command says, it says it as text.
@Suite struct HostilePageTests {
  /// The elements of the fixture's page that a reader sees, the same for every text.
  private static func body(_ page: String) throws -> Substring {
    let start = try #require(page.range(of: "<body>"))
    let end = try #require(page.range(of: "<script>", options: .backwards))
    return page[start.upperBound..<end.lowerBound]
  }

  private static let harmless = Result { try MarkupScanner(body(PageFixture(text: "t").html())) }

  @Test(arguments: PageFixture.hostile.indices) func nothingBecomesMarkup(index: Int) throws {
    let page = try PageFixture(text: PageFixture.hostile[index]).html()
    let harmless = try Self.harmless.get()
    let found = MarkupScanner(try Self.body(page))
    // Long text breaks into more lines of a picture.
    #expect(Set(found.tags) == Set(harmless.tags))
    #expect(Set(found.attributes.map(\.name)).isSubset(of: Set(harmless.attributes.map(\.name))))
    #expect(found.attributes.allSatisfy { $0.name != "href" || $0.value.hasPrefix("#") })
    #expect(
      found.attributes.allSatisfy { !$0.name.hasPrefix("on") && $0.name != "style" && $0.name != "src" })
    #expect(page.components(separatedBy: "<script>").count == 2)
    #expect(page.components(separatedBy: "<style>").count == 2)
    #expect(page.utf8.count < 400_000)
  }

  @Test func identifiersAreThePagesOwnAndUnique() throws {
    let found = MarkupScanner(try Self.body(PageFixture(text: "summary graph decision-1").html()))
    let identifiers = found.attributes.filter { $0.name == "id" }.map(\.value)
    #expect(Set(identifiers).count == identifiers.count)
    for link in found.attributes where link.name == "href" {
      #expect(identifiers.contains(String(link.value.dropFirst())), "\(link.value)")
    }
  }

  @Test func scriptAndStyleHoldNothingThatEndsThem() throws {
    let page = try PageFixture(text: "t").html()
    for name in ["script", "style"] {
      #expect(page.components(separatedBy: "</\(name)").count == 2)
    }
  }

  @Test func equalReportsAreEqualBytes() throws {
    #expect(try PageFixture(text: "t").html() == PageFixture(text: "t").html())
  }
}
