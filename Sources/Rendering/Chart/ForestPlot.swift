/// Rows of estimates with their intervals, in columns that share the rows, as SVG: what a report or a paper shows of
/// many measurements.
///
/// It follows the reader's light or dark theme. Nothing is told by colour alone: sections have titles, and what could
/// be chance is hollow.
public struct ForestPlot: Sendable {
  /// One measurement of every row, with an axis of its own.
  public struct Column: Sendable {
    public enum Form: Sendable {
      /// A point with its interval.
      case points
      /// A bar from the reference.
      case bars
    }

    public var title: String
    public var form: Form
    /// What values are compared with: a line down the column.
    public var reference: Double
    /// Above this, distances are logarithmic; nil for a linear axis.
    public var logarithmicAbove: Double?
    /// Relative to the other columns.
    public var width: Double

    public init(
      _ title: String, _ form: Form, reference: Double = 0, logarithmicAbove: Double? = nil, width: Double = 1
    ) {
      self.title = title
      self.form = form
      self.reference = reference
      self.logarithmicAbove = logarithmicAbove
      self.width = width
    }
  }

  public struct Cell: Sendable {
    /// Infinity stands at the end of the axis.
    public var value: Double
    public var interval: ClosedRange<Double>?
    /// A second value, of the same thing measured in another way.
    public var other: Double?
    /// When somebody points at it.
    public var text: String

    public init(_ value: Double, _ interval: ClosedRange<Double>? = nil, other: Double? = nil, text: String) {
      self.value = value
      self.interval = interval
      self.other = other
      self.text = text
    }

    /// What the axis has to hold.
    var values: [Double] {
      [value] + (interval.map { [$0.lowerBound, $0.upperBound] } ?? []) + (other.map { [$0] } ?? [])
    }

    func isCertain(against reference: Double) -> Bool { interval.map { !$0.contains(reference) } ?? true }
  }

  public struct Row: Sendable {
    public var label: String
    /// In small print behind the label.
    public var detail: String
    /// One for each column; nil for what is not known.
    public var cells: [Cell?]

    public init(label: String, detail: String, cells: [Cell?]) {
      self.label = label
      self.detail = detail
      self.cells = cells
    }
  }

  public struct Section: Sendable {
    public var title: String
    /// Behind the title.
    public var note: String
    public var rows: [Row]

    public init(title: String, note: String, rows: [Row]) {
      self.title = title
      self.note = note
      self.rows = rows
    }
  }

  public var title: String
  public var subtitle: String
  public var columns: [Column]
  public var sections: [Section]
  /// What the second values are; nil where there are none.
  public var otherTitle: String?
  /// Lines below the chart.
  public var footnotes: [String]

  public init(
    title: String, subtitle: String, columns: [Column], sections: [Section], otherTitle: String? = nil,
    footnotes: [String] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.columns = columns
    self.sections = sections
    self.otherTitle = otherTitle
    self.footnotes = footnotes
  }

  public func svg() -> String {
    var writer = ForestPlotWriter(self)
    return writer.write()
  }
}
