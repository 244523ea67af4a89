/// Text in columns.
///
/// ```swift
/// var table = Table("operator", .number("count"), .number("share"))
/// table.add("Conv", "31", "64.1 %")
/// terminal.print(table)
/// ```
public struct Table: Sendable {
  public struct Column: Sendable, ExpressibleByStringLiteral {
    let title: String
    let alignment: Alignment

    public init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }

    public init(stringLiteral title: String) { self.init(title) }

    /// A column of numbers, which stand at the right.
    public static func number(_ title: String) -> Column { Column(title, .right) }
  }

  private enum Row: Sendable {
    case cells([String])
    case separator
  }

  private let columns: [Column]
  private var rows: [Row] = []

  public init(_ columns: Column...) { self.columns = columns }
  public init(columns: [Column]) { self.columns = columns }

  public var isEmpty: Bool { rows.isEmpty }

  /// Adds a row of one cell for each column.
  public mutating func add(_ cells: String...) { add(row: cells) }

  public mutating func add(row cells: [String]) {
    precondition(cells.count == columns.count, "a row of \(cells.count) cells in \(columns.count) columns")
    rows.append(.cells(cells))
  }

  /// Adds a line between rows, such as above a total.
  public mutating func addSeparator() { rows.append(.separator) }

  /// The table in lines of at most `width` columns: the widest columns of text are cut, numbers never are.
  public func lines(width: Int = .max, style: TextStyle = .plain) -> [String] {
    let widths = columnWidths(within: width)
    let header = line(columns.map(\.title), widths).trimmingTrailingSpaces
    return [style.apply(header, .bold)]
      + rows.map { row in
        switch row {
        case .cells(let cells): line(cells, widths).trimmingTrailingSpaces
        case .separator:
          style.apply(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), .dim)
        }
      }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    columns.indices.map { index in
      let cell = cells[index]
      let fitting = cell.displayWidth > widths[index] ? cell.truncated(to: widths[index]) : cell
      return fitting.padded(to: widths[index], alignment: columns[index].alignment)
    }.joined(separator: "  ")
  }

  private func columnWidths(within limit: Int) -> [Int] {
    var widths = columns.map(\.title.displayWidth)
    for case .cells(let cells) in rows {
      for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.displayWidth) }
    }
    var excess = limit == .max ? 0 : widths.reduce(2 * (columns.count - 1), +) - limit
    while excess > 0, let widest = widestShrinkable(widths) {
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func widestShrinkable(_ widths: [Int]) -> Int? {
    let shrinkable = columns.indices.filter { columns[$0].alignment == .left && widths[$0] > 8 }
    return shrinkable.max { widths[$0] < widths[$1] }
  }
}

extension Terminal {
  /// Prints a table as a result, cut to the terminal's width but whole where it goes to a file or a pipe.
  public func print(_ table: Table) {
    let width = output.isTerminal ? output.width : .max
    for line in table.lines(width: width, style: output.style) { print(line) }
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}
