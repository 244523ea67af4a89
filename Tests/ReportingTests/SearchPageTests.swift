import Foundation
import GraphIR
import Rendering
import Testing

@testable import Reporting

@Suite struct SearchPageTests {
  /// Tables and pictures know a node by the same name, or rows would lead nowhere.
  @Test func picturesCallNodesWhatModelsDo() throws {
    let (before, after) = try PageFixture(text: " a\nb\u{202E}").models()
    let pictures = ModelRenderer().comparison(of: before, and: after)
    for (model, picture) in [(before, pictures.before), (after, pictures.after)] {
      #expect(
        picture.nodes.compactMap(\.name).sorted() == model.allNodes.map { model.pictureName(of: $0) }.sorted()
      )
    }
  }

  @Test func rowsAndNodesLeadToEachOther() throws {
    let page = try PageFixture(text: "").html()
    #expect(page.contains("<tr id=\"decision-1\" data-nodes=\"1 2 3\">"))
    // Removed in the decision, so that it leads there and not to the region; the stem leads to its region.
    #expect(page.contains("<g class=\"node\" data-nodes=\"3\"><a href=\"#decision-1\"><title>Add /block/Add"))
    #expect(page.contains("<a href=\"#region-3\" tabindex=\"-1\"><title>Neg /stem/Conv"))
    #expect(page.contains("<tr id=\"plan-1\">") && page.contains("id=\"point-1\""))
  }

  @Test func aStepTellsWhyItCouldBe() throws {
    let page = try PageFixture(text: "").html()
    #expect(page.contains("Alone, it changed accuracy  by -0.0030 on 192 samples."))
    #expect(page.contains("It moved what the last linear layer gives by 2.0 % of its variance."))
    #expect(page.contains("bypass layers, regions and sides of residual joins"))
  }

  @Test func aPlanThatFailedIsSaidSo() throws {
    var fixture = PageFixture(text: "t")
    #expect(try fixture.html().contains("class=\"status good\""))
    fixture.isFailed = true
    let page = try fixture.html()
    #expect(
      page.contains("class=\"status bad\"") && page.contains("was not confirmed on the held-back samples"))
    #expect(page.contains("No change that may alter results was made."))
    #expect(page.contains("<td>refused</td>"))
  }

  @Test func aPictureThatCannotBeReadIsNamed() throws {
    let picture = ModelRenderer().picture(of: try PageFixture(text: "t").models().before)
    var graph = try DrawnGraph(title: "Before", file: "before.svg", picture: picture)
    for svg in [
      "", "<svg/>", "<svg viewBox=\"0 0 1\"><g transform=\"translate(1 2)\"/></svg>", "<html></html>",
    ] {
      graph.svg = Array(svg.utf8)
      #expect(throws: SVGError.self) { try GraphFigure.html(of: graph, NodeIndex(NodeNames(of: []))) }
    }
    let page = SearchPage.html(
      PageFixture(text: "t").report, plans: try PageFixture(text: "t").plans(), graphs: [graph],
      names: NodeNames(of: []))
    #expect(page.contains("This picture could not be taken into the page: see before.svg."))
  }

  /// Each colour of a picture is one that the page turns dark, but for those that are the same in both themes.
  @Test func everyColourOfAPictureHasACounterpart() throws {
    func used(_ svg: [UInt8]) -> [String] {
      String(decoding: svg, as: UTF8.self).matches(of: /(?:fill|stroke)="([^"]*)"/).map {
        String($0.output.1)
      }
    }
    let (before, after) = try PageFixture(text: " #ffffff").models()
    var picture = ModelRenderer().diff(before: before, after: after)
    let light = try used(picture.render(as: .svg))
    picture.appearance.theme = .dark
    let dark = try used(picture.render(as: .svg))
    let colours = picture.themeColours
    let counterparts = Dictionary(
      colours.map { ($0.light, $0.dark) }, uniquingKeysWith: { first, _ in first })
    #expect(light.count > 20 && counterparts.count == colours.count && counterparts["#ffffff"] != nil)
    #expect(light.map { counterparts[$0] ?? $0 } == dark)
  }

  @Test func longTablesAreCut() throws {
    var report = PageFixture(text: "").report
    report.regions = (0..<1_200).map { index in
      var region = report.regions[0]
      region.title = "r\(index)"
      return region
    }
    let page = SearchPage.html(
      report, plans: try PageFixture(text: "").plans(), graphs: [], names: NodeNames(of: []))
    #expect(page.contains("region-1000") && !page.contains("region-1001"))
    #expect(page.contains("… and 200 more in report.json."))
  }
}
