import Foundation
import Testing

@testable import Reporting

/// Charts are drawn again from what a run has left, which anybody may have changed.
@Suite struct ChartTests {
  private static let numbers = [
    5e-324, -1e-310, 1e-300, 1e300, .greatestFiniteMagnitude, .infinity, -.infinity, .nan,
  ]

  @Test func aChartIsTheSameFromItsFile() throws {
    let plans = try PageFixture(text: "x").plans()
    #expect(try ParetoReport(json: plans.json()).chart().svg() == plans.chart().svg())
    let sweep = SensitivityPageTests().report()
    #expect(try SensitivityReport(json: sweep.json()).chart(rows: 3).svg() == sweep.chart(rows: 3).svg())
  }

  @Test(arguments: numbers) func plansMayHoldAnyNumber(number: Double) throws {
    var plans = try PageFixture(text: "x").plans()
    plans.limit = number
    for index in plans.points.indices {
      plans.points[index].loss = number * Double(index)
      plans.points[index].standardError = number
      plans.points[index].share = number
    }
    plans.points[0].cost.bytes = .min
    expectDrawn(try ParetoReport(json: plans.json()).chart().svg())
  }

  @Test(arguments: numbers) func sweepsMayHoldAnyNumber(number: Double) throws {
    var sweep = SensitivityPageTests().report()
    for index in sweep.changes.indices {
      sweep.changes[index].bare?.drop = .init(value: number * Double(index), lower: -number, upper: number)
      sweep.changes[index].bare?.sqnrDecibels = number
      sweep.changes[index].gain?.bytes = .min
    }
    expectDrawn(try SensitivityReport(json: sweep.json()).chart(rows: 40).svg())
  }

  private func expectDrawn(_ svg: String) {
    #expect(svg.hasSuffix("</svg>\n"))
    #expect(svg.firstMatch(of: /(x|y|r|cx|cy|width|height|d)="[^"]*(nan|inf)/) == nil)
  }
}
