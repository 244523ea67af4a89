import Rendering

/// The pictures of a graph, one at a time, with what finds nodes in them and moves them.
struct GraphViewer {
  private typealias Tag = HTML.Tag

  private let graphs: [DrawnGraph]
  private let index: NodeIndex

  init(_ graphs: [DrawnGraph], _ index: NodeIndex) {
    self.graphs = graphs
    self.index = index
  }

  var section: PageSection? {
    guard !graphs.isEmpty else { return nil }
    return PageSection(.graph, "The graph") {
      Tag.div(.class("viewer")) {
        tools
        Tag.p(.class("quiet hint")) {
          "Drag or use the arrow keys to move. The wheel zooms once the picture has been clicked, and with Ctrl always; "
            + "+, − and 0 do so from the keyboard. Nodes that tables speak of lead to their rows."
        }
        Tag.div(
          .class("viewport"), .role("region"), .label("Picture of the graph"), .fixed(.tabindex, "0")
        ) {
          for (number, graph) in graphs.enumerated() { sheet(number, graph) }
        }
      }
    }
  }

  private var tools: HTML {
    Tag.div(.class("tools")) {
      Tag.fieldset {
        Tag.legend { "Picture" }
        for (number, graph) in graphs.enumerated() {
          Tag.label {
            Tag.input(
              .fixed(.type, "radio"), .fixed(.name, "picture"),
              HTML.Attribute(name: .value, value: HTML.Anchor.picture(number).name),
              number == 0 ? .fixed(.checked) : nil)
            " \(graph.title)"
          }
        }
      }
      Tag.div(.class("finder"), .role("search")) {
        Tag.label(.for(.find)) { "Find nodes by name or operator" }
        Tag.input(
          .id(.find), .fixed(.type, "search"), .fixed(.autocomplete, "off"), .fixed(.spellcheck, "false"))
        button("previous", "Previous match", "↑")
        button("next", "Next match", "↓")
        Tag.output(.class("found"), .fixed(.ariaLive, "polite"), .for(.find))
      }
      Tag.div(.class("zoom"), .role("group"), .label("Zoom")) {
        button("out", "Zoom out", "−")
        button("in", "Zoom in", "+")
        button("width", "Fit the width", "Width")
        button("whole", "Show all of it", "Whole")
      }
    }
  }

  private func button(_ action: StaticString, _ name: String, _ face: String) -> HTML {
    Tag.button(.fixed(.type, "button"), .action(action), .label(name)) { face }
  }

  private func sheet(_ number: Int, _ graph: DrawnGraph) -> HTML {
    Tag.div(.class("sheet"), .id(.picture(number))) {
      if let picture = try? GraphFigure.html(of: graph, index) {
        picture
      } else {
        Tag.p { "This picture could not be taken into the page: see \(graph.file)." }
      }
    }
  }
}
