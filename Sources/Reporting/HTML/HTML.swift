/// A piece of a page as a tree. Whatever is put into it is data; only the writer makes markup, and escapes data for
/// where it stands.
///
/// Names of elements and attributes come from closed lists, and none of these can hold code or the address of
/// something to load: a link leads to an `Anchor` of the same page.
enum HTML: Sendable {
  case text(String)
  indirect case element(Tag, [Attribute], [HTML])

  enum Tag: String, Sendable {
    case a, button, caption, code, dd, details, div, dl, dt, em, fieldset, figcaption, figure, footer, h1, h2,
      h3
    case header, input, label, legend, li, main, nav, ol, output, p, section, span, strong, summary, table,
      tbody
    case td, th, thead, tr, ul
    // Of pictures.
    case circle, ellipse, g, path, polygon, polyline, rect, svg, text, title

    /// Has neither content nor an end.
    var isVoid: Bool { self == .input }

    /// `Tag.p(.class("quiet")) { "text" }`
    func callAsFunction(_ attributes: Attribute?..., @HTMLBuilder content: () -> [HTML] = { [] }) -> HTML {
      .element(self, attributes.compactMap { $0 }, content())
    }
  }

  struct Attribute: Sendable {
    let name: Name
    let value: String

    enum Name: String, Sendable {
      case autocomplete, checked, `class`, `for`, hidden, href, id, name, open, role, scope, spellcheck,
        tabindex
      case type, value
      case ariaControls = "aria-controls"
      case ariaHidden = "aria-hidden"
      case ariaLabel = "aria-label"
      case ariaLabelledBy = "aria-labelledby"
      case ariaLive = "aria-live"
      case dataAction = "data-action"
      case dataInner = "data-inner"
      case dataNodes = "data-nodes"
      case dataSort = "data-sort"
      case dataValue = "data-value"
      // Of shapes.
      case cx, cy, d, fill, height, points, r, rx, ry, stroke, viewBox, width, x, y
      case fontSize = "font-size"
      case fontStyle = "font-style"
      case fontWeight = "font-weight"
      case strokeDashArray = "stroke-dasharray"
      case strokeWidth = "stroke-width"
      case textAnchor = "text-anchor"
      case textDecoration = "text-decoration"
    }
  }

  /// A place in a page. Nothing of a model is ever in its name.
  struct Anchor: Hashable, Sendable {
    let name: String

    init(_ name: StaticString) { self.name = "\(name)" }

    init(_ name: StaticString, _ numbers: Int...) {
      self.name = (["\(name)"] + numbers.map { "\($0)" }).joined(separator: "-")
    }
  }
}

extension HTML.Attribute {
  static func `class`(_ names: String) -> Self { Self(name: .class, value: names) }
  static func id(_ anchor: HTML.Anchor) -> Self { Self(name: .id, value: anchor.name) }
  static func link(to anchor: HTML.Anchor) -> Self { Self(name: .href, value: "#" + anchor.name) }
  static func `for`(_ anchor: HTML.Anchor) -> Self { Self(name: .for, value: anchor.name) }
  static func labelled(by anchor: HTML.Anchor) -> Self { Self(name: .ariaLabelledBy, value: anchor.name) }
  static func label(_ text: String) -> Self { Self(name: .ariaLabel, value: text) }
  static func role(_ name: StaticString) -> Self { Self(name: .role, value: "\(name)") }
  static func action(_ name: StaticString) -> Self { Self(name: .dataAction, value: "\(name)") }
  /// The nodes of the model that an element stands for, by their numbers in this page.
  static func nodes(_ numbers: [Int]) -> Self? {
    numbers.isEmpty
      ? nil : Self(name: .dataNodes, value: numbers.map { "\($0)" }.joined(separator: " "))
  }
  /// Names of the nodes of the model that an element stands for, besides its own: a line each.
  static func inner(_ names: ArraySlice<String>) -> Self? {
    names.isEmpty ? nil : Self(name: .dataInner, value: names.joined(separator: "\n"))
  }
  /// What a table is sorted by; empty where there is nothing.
  static func sortValue(_ value: Double?) -> Self {
    Self(name: .dataValue, value: value.map { $0.isNaN ? "" : "\($0)" } ?? "")
  }
  /// An attribute with a value that the program itself says.
  static func fixed(_ name: Name, _ value: StaticString = "") -> Self { Self(name: name, value: "\(value)") }
}
