import Foundation
import Testing

@testable import Reporting

/// What goes into pull requests.
@Suite struct MarkdownTests {
  private func text(_ fixture: PageFixture) throws -> String {
    MarkdownReport.text(
      fixture.report, plans: try fixture.plans(),
      pictures: [.init(title: "What changed", file: "diff.svg"), .init(title: "Before", file: "before.svg")])
  }

  @Test func whatIsLongIsFoldedAndDecisionsHaveReasons() throws {
    let text = try text(PageFixture(text: ""))
    #expect(text.contains("[What changed](diff.svg) · [Before](before.svg)"))
    #expect(text.contains("<details><summary>4 regions</summary>"))
    #expect(
      text.contains("| alone -0.0030 on 192 samples; 2.0 % of the variance moved |"))
    #expect(
      text.components(separatedBy: "<details>").count == text.components(separatedBy: "</details>").count)
  }

  /// A table ends at an empty line, so that what follows is no row of it.
  @Test func everyTableHasAsManyCellsInEachRow() throws {
    let lines = try text(PageFixture(text: "a|b\n| c")).components(separatedBy: "\n")
    for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("|") && next.hasPrefix("|") {
      func cells(_ line: String) -> Int { line.replacing("\\|", with: "").count { $0 == "|" } }
      #expect(cells(line) == cells(next), "\(line)")
    }
  }

  @Test(arguments: PageFixture.hostile.indices) func nothingBecomesMarkup(index: Int) throws {
    let text = try text(PageFixture(text: PageFixture.hostile[index])).replacing(
      /`[^`\n]*`/.matchingSemantics(.unicodeScalar), with: "")
    #expect(!text.unicodeScalars.contains("`"))
    let tags = MarkupScanner(text).tags
    #expect(
      tags.allSatisfy { ["details", "summary", "/details", "/summary"].contains($0.prefix { $0 != ">" }) })
    let links = text.matches(of: /(\\?)\]\(([^)]*)\)/.matchingSemantics(.unicodeScalar)).filter {
      $0.output.1.isEmpty
    }.map(\.output.2)
    #expect(Set(links).isSubset(of: ["diff.svg", "before.svg", "pareto.svg"]))
  }

  @Test func aRegionThatWasNotMeasuredDidNotFail() throws {
    var fixture = PageFixture(text: "").report
    fixture.regions[1].metricChange = nil
    let text = MarkdownReport.text(fixture, plans: try PageFixture(text: "").plans(), pictures: [])
    #expect(text.contains("| not measured |") && text.contains("| failed:  |"))
  }

  @Test func aStepTellsWhichBolderOneWasRefused() throws {
    var fixture = PageFixture(text: "").report
    fixture.applied[0].title = "0 "
    let plans = try PageFixture(text: "").plans()
    let refusal = plans.refusal(beyond: 0, of: fixture.applied)
    #expect(refusal?.number == 3)
    #expect(
      fixture.reason(forStep: 0, among: plans)
        == "In the plan, it changes accuracy  by -0.0040. Bolder was refused: 2  lost 0.0150 in all.")
    fixture.applied.append(fixture.applied[0])
    #expect(plans.refusal(beyond: 0, of: fixture.applied) == nil)
    #expect(plans.refusal(beyond: 7, of: fixture.applied) == nil)
  }
}
