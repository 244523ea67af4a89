import Rendering

/// A section of a page, and its line in the table of contents.
struct PageSection {
  var anchor: HTML.Anchor
  var title: String
  var content: [HTML]

  init(_ anchor: HTML.Anchor, _ title: String, @HTMLBuilder content: () -> [HTML]) {
    self.anchor = anchor
    self.title = title
    self.content = content()
  }

  var html: HTML {
    HTML.Tag.section(.id(anchor), .label(title), .fixed(.tabindex, "-1")) {
      HTML.Tag.h2 { title }
      content
    }
  }
}

/// What pages have in common.
enum PageParts {
  private typealias Tag = HTML.Tag

  /// - Parameters:
  ///   - subject: what the page is about, in its title and heading.
  ///   - graphs: that are in the sections.
  static func document(
    _ kind: String, _ subject: String, status: HTML, _ sections: [PageSection], graphs: [DrawnGraph]
  ) -> String {
    let name = subject.visible(atMost: 200)
    let body: [HTML] = [
      Tag.a(.class("skip"), .link(to: .summary)) { "Skip to the summary" },
      Tag.header(.id(.top)) {
        Tag.p(.class("kind")) { kind }
        Tag.h1 { name }
        status
        Tag.nav(.label("Contents")) {
          Tag.ul {
            for section in sections { Tag.li { Tag.a(.link(to: section.anchor)) { section.title } } }
          }
        }
      },
      Tag.main { sections.map(\.html) },
      Tag.footer { Tag.p { "Made by workbench. This page is one file, and loads nothing." } },
    ]
    return HTMLDocument(title: "\(name): \(kind)", style: style(graphs), script: script, body: body).text()
  }

  /// A symbol with the words that say the same.
  static func status(isGood: Bool, _ text: String) -> HTML {
    Tag.p(.class(isGood ? "status good" : "status bad")) {
      Tag.span(.class("symbol"), .fixed(.ariaHidden, "true")) { isGood ? "✓" : "✗" }
      text
    }
  }

  static func notes(_ notes: [String]) -> HTML? {
    guard !notes.isEmpty else { return nil }
    return Tag.ul(.class("notes")) { for note in notes { Tag.li { note.visible(atMost: 600) } } }
  }

  /// A name out of a model.
  static func name(_ text: String) -> HTML { Tag.code { text.visible(atMost: 300) } }

  /// Text that leads to nodes in the pictures, where any are known.
  static func link(_ text: HTML, toNodes numbers: [Int]) -> HTML {
    guard !numbers.isEmpty else { return text }
    return Tag.a(.link(to: .graph), .action("show")) { text }
  }

  /// Term and description, side by side.
  static func facts(_ facts: [(term: String, content: [HTML])]) -> HTML {
    Tag.dl(.class("facts")) {
      for fact in facts {
        Tag.div {
          Tag.dt { fact.term }
          Tag.dd { fact.content }
        }
      }
    }
  }

  private static let script = String(decoding: PackageResources.report_js, as: UTF8.self)

  private static func style(_ graphs: [DrawnGraph]) -> String {
    [
      String(decoding: PackageResources.report_css, as: UTF8.self), ".chart {\n\(ChartSheet.rules)\n}",
      "@media (prefers-color-scheme: dark) {\n\(darkRules(graphs))\n}\n",
    ].joined(separator: "\n")
  }

  /// Pictures of graphs have the colours of the light theme.
  private static func darkRules(_ graphs: [DrawnGraph]) -> String {
    Set(graphs.flatMap(\.picture.themeColours)).sorted { ($0.light, $0.dark) < ($1.light, $1.dark) }.map {
      ".graph [fill=\"\($0.light)\"] { fill: \($0.dark) } .graph [stroke=\"\($0.light)\"] { stroke: \($0.dark) }"
    }.joined(separator: "\n")
  }
}
