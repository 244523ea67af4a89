/// What variants lose against what they cost, as SVG: one panel for each kind of cost, with a common axis of losses.
///
/// It follows the reader's light or dark theme. Numbers name the points; what was not accepted is hollow.
public struct TradeOffPlot: Sendable {
  public struct Point: Sendable {
    public enum Standing: Sendable { case chosen, accepted, refused }

    /// Beside the point.
    public var label: String
    public var loss: Double
    /// Of the loss; half the height of the whisker.
    public var error: Double
    public var standing: Standing
    /// One for each panel; nil where it is not known.
    public var costs: [Double?]
    /// When somebody points at it.
    public var text: String

    public init(
      label: String, loss: Double, error: Double, standing: Standing, costs: [Double?], text: String
    ) {
      self.label = label
      self.loss = loss
      self.error = error
      self.standing = standing
      self.costs = costs
      self.text = text
    }
  }

  public var title: String
  public var subtitle: String
  /// Of the axis of losses.
  public var lossTitle: String
  /// What may be lost: a line across.
  public var limit: Double
  /// Titles of costs, each 1 for the model as it was.
  public var panels: [String]
  public var points: [Point]
  /// Lines below the chart.
  public var footnotes: [String]

  public init(
    title: String, subtitle: String, lossTitle: String, limit: Double, panels: [String], points: [Point],
    footnotes: [String] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.lossTitle = lossTitle
    self.limit = limit
    self.panels = panels
    self.points = points
    self.footnotes = footnotes
  }

  public func svg() -> String {
    var writer = TradeOffPlotWriter(self)
    return writer.write()
  }
}
