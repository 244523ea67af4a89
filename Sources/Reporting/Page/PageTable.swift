/// A table of a page. A reader can sort it by its columns; what has no value then stands last.
struct PageTable {
  struct Column {
    var title: String
    var isNumber: Bool

    static func text(_ title: String) -> Column { Column(title: title, isNumber: false) }
    static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
  }

  struct Cell {
    var content: [HTML]
    /// Nil to sort by the text.
    var sortValue: Double??

    static func text(_ text: String) -> Cell { Cell(content: [.text(text)], sortValue: nil) }

    static func number(_ text: String, _ value: Double?) -> Cell {
      Cell(content: [.text(text)], sortValue: .some(value))
    }

    static func html(_ sortValue: Double?? = nil, @HTMLBuilder _ content: () -> [HTML]) -> Cell {
      Cell(content: content(), sortValue: sortValue)
    }
  }

  struct Row {
    var anchor: HTML.Anchor?
    var nodes: [Int] = []
    /// One for each column; the first says what the row is about.
    var cells: [Cell]
  }

  /// What it shows, for those who cannot see where it stands.
  var title: String
  var isSortable = true
  var columns: [Column]
  var rows: [Row]

  func html() -> HTML {
    HTML.Tag.div(.class("wide"), .role("region"), .label(title), .fixed(.tabindex, "0")) {
      HTML.Tag.table(.class(isSortable && rows.count > 1 ? "sortable" : "plain")) {
        HTML.Tag.caption(.class("hidden")) { title }
        HTML.Tag.thead { HTML.Tag.tr { columns.map(heading) } }
        HTML.Tag.tbody { rows.map(row) }
      }
    }
  }

  private func heading(_ column: Column) -> HTML {
    HTML.Tag.th(.fixed(.scope, "col"), column.isNumber ? .class("number") : nil) { column.title }
  }

  private func row(_ row: Row) -> HTML {
    HTML.Tag.tr(row.anchor.map { .id($0) }, .nodes(row.nodes)) {
      for (index, cell) in row.cells.enumerated() { self.cell(cell, index) }
    }
  }

  private func cell(_ cell: Cell, _ index: Int) -> HTML {
    let isNumber = columns.indices.contains(index) && columns[index].isNumber
    let tag = index == 0 ? HTML.Tag.th : .td
    return tag(
      index == 0 ? .fixed(.scope, "row") : nil, isNumber ? .class("number") : nil,
      cell.sortValue.map { .sortValue($0) }
    ) { cell.content }
  }
}
