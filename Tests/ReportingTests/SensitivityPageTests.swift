import Candidates
import Foundation
import GraphIR
import Rendering
import Testing

@testable import Reporting

@Suite struct SensitivityPageTests {
  func report(_ text: String = "") -> SensitivityReport {
    func change(_ layer: Int, _ action: String, _ drop: Double, _ lower: Double, _ upper: Double)
      -> SensitivityReport.Change
    {
      let name = PageFixture.names[layer] + text
      let operators = ["Neg", "Abs", "Relu", "Add", "Sigmoid"]
      return .init(
        strategy: "channel-pruning", kind: "layer", title: "\(action) \(name)", layer: name, action: action,
        nodes: ["'\(name)' (\(operators[layer]))"], position: layer,
        bare: .init(
          drop: .init(value: drop, lower: lower, upper: upper), method: "exact", worseSamples: 1,
          betterSamples: 0,
          sqnrDecibels: .infinity), gain: Saving(bytes: 4, macs: 8))
    }
    var failed = change(3, "half \(text)", 0, 0, 0)
    failed.bare = nil
    failed.failure = "lost: \(text)"
    return SensitivityReport(
      model: "m\(text).onnx", metric: .init(name: "accuracy \(text)", output: text, higherIsBetter: true),
      data: .init(evaluation: text, calibration: nil, isSynthetic: true), baseline: 0.9,
      total: Saving(nodes: 5, parameters: 1, bytes: 4, macs: 8), samples: 200, calibrationSamples: 20,
      objective: "cost",
      changes: [
        change(2, "half \(text)", 0.02, 0.01, 0.03), change(0, "half \(text)", 0.2, 0.1, 0.3),
        change(0, "quarter", 0.001, -0.01, 0.02), change(4, "quarter", -0.05, -0.1, -0.01), failed,
      ],
      changeCount: 5, evaluations: 2, wallSeconds: 1, runtimeSeconds: 0.5, runtime: text, seed: 0, threads: 1,
      wasInterrupted: false, notes: [text])
  }

  private func page(_ text: String = "") throws -> String {
    let model = try PageFixture(text: text).models().before
    let graph = try DrawnGraph(
      title: "The model", file: "exact.onnx", picture: ModelRenderer().picture(of: model))
    return SensitivityPage.html(report(text), graph: graph, names: NodeNames(of: [model]), chartRows: 40)
  }

  @Test func theHeatMapHasLayersInOrderAndMarksWhatIsCertain() throws {
    let page = try page()
    let heat = try #require(page.firstMatch(of: /wide heat.*?<\/table>/.dotMatchesNewlines())).output
    let layers = heat.matches(of: /<code>([^<]*)<\/code>/).map { String($0.output.1) }
    #expect(layers == ["/stem/Conv", "/block/Relu", "/head/Gemm"])
    #expect(heat.contains("level5\"><a href=\"#change-2\">0.2000"))
    #expect(heat.contains("level3\"><a href=\"#change-1\">0.0200"))
    #expect(heat.contains("level0\"><a href=\"#change-3\">0.0010"))
    #expect(heat.contains("better\"><a href=\"#change-4\">-0.0500"))
  }

  /// Its number can be of any size and have any unit: shares of it mean nothing.
  @Test func aCommandsNumberKeepsItsUnit() throws {
    var report = report()
    report.metricCommand = "judge <b>"
    report.baseline = 0.00123
    let page = SensitivityPage.html(
      report, graph: nil, names: NodeNames(of: [try PageFixture(text: "").models().before]), chartRows: 40)
    let legend = try #require(page.firstMatch(of: /heat legend.*?<\/p>/.dotMatchesNewlines())).output
    // Of the largest drop that is certain, 0.2.
    #expect(
      legend.contains("command&#39;s number") && legend.contains("up to 0.002 ") && legend.contains(" 0.06 "))
    #expect(!legend.contains("3 %") && page.contains("level3\"><a href=\"#change-1\">0.020000"))
    #expect(page.contains("judge &lt;b&gt;") && page.contains("jackknife"))
    #expect(report.chart(rows: 40).svg().contains("drop 0.020000 (0.010000 to 0.030000)"))
    let text = MarkdownSensitivityReport.text(report, chart: "c.svg")
    #expect(
      text.contains("Drops are in the unit of what the metric command prints")
        && text.contains("| 0.020000 |"))
  }

  @Test(arguments: [(0.9, 4), (1234, 4), (0, 4), (0.0123, 5), (-0.00056, 7), (1e-30, 12), (.nan, 4)])
  func smallMetricsHaveFourFigures(baseline: Double, digits: Int) {
    var report = report()
    report.baseline = baseline
    #expect(report.digits == digits)
  }

  @Test func whatFailedIsInTheTableOnly() throws {
    let page = try page()
    #expect(page.contains("<tr id=\"change-5\"") && page.contains("lost: "))
    #expect(!page.contains("href=\"#change-5\">0.0000"))
  }

  @Test(arguments: PageFixture.hostile.indices) func nothingBecomesMarkup(index: Int) throws {
    func scan(_ text: String) throws -> MarkupScanner {
      let page = try page(text)
      let start = try #require(page.range(of: "<body>"))
      let end = try #require(page.range(of: "<script>", options: .backwards))
      return MarkupScanner(page[start.upperBound..<end.lowerBound])
    }
    let (found, harmless) = (try scan(PageFixture.hostile[index]), try scan("t"))
    #expect(Set(found.tags) == Set(harmless.tags))
    #expect(Set(found.attributes.map(\.name)).isSubset(of: Set(harmless.attributes.map(\.name))))
    #expect(found.attributes.allSatisfy { $0.name != "href" || $0.value.hasPrefix("#") })
  }

  @Test func aSweepIsReadAsItWasWritten() throws {
    let report = report("t")
    #expect(try SensitivityReport(json: report.json()).json() == report.json())
    for text in ["", "{}", "[1]", "null"] {
      #expect(throws: (any Error).self) { try SensitivityReport(json: Data(text.utf8)) }
    }
  }

  @Test func aSearchShowsTheSweepBesideIt() throws {
    let fixture = PageFixture(text: "")
    let page = SearchPage.html(
      fixture.report, plans: try fixture.plans(), graphs: [],
      names: NodeNames(of: [try fixture.models().before]),
      sweep: .init(report: report(), folder: "m-sensitivity"))
    #expect(page.contains("m-sensitivity") && page.contains("wide heat") && page.contains("level5\">0.2000"))
    #expect(!(try fixture.html().contains("wide heat")))
  }

  /// A mark behind a quotation mark makes one character of both, but programs read scalars.
  @Test func quotationMarksInTablesAreDoubled() throws {
    let line = try #require(report("\"\u{301},=").csv().split(separator: "\r\n").last)
    #expect(line.unicodeScalars.count { $0 == "\"" } % 2 == 0)
    #expect(line.contains("\"\"\u{301},="))
  }
}
