/// How pictures of models look, and how much they show.
public struct RenderOptions: Sendable {
  public var theme: Theme = .light
  /// Above the picture; nil for the name of the model's main graph.
  public var title: String?
  /// Whether edges carry the element type and shape of their value.
  public var showsTypes = true
  /// Whether nodes carry their name under their operator.
  public var showsNames = true
  public var showsLegend = true
  /// In points.
  public var fontSize = 12
  public var direction: Direction = .topToBottom
  /// Whether blocks that repeat are drawn once.
  public var joinsRepetitions = true
  /// Whether modules, as the names of nodes tell them, are outlined.
  public var showsModules = true
  /// The most nodes that a picture of one model shows; beyond, runs of nodes fold into one.
  public var maximumNodes = 500
  /// The most nodes that a merged diff shows; beyond, the surroundings of changes shrink, and the rest folds.
  public var maximumDiffNodes = 400
  public var diffLayout: DiffLayout = .merged
  /// What is drawn; the rest folds.
  public var window: Window = .whole
  /// How far surroundings of changes, and windows, reach, in edges.
  public var hops = 3

  public init() {}

  /// What `dot` is given at most, whatever the options say: layout time grows faster than the graph.
  public static let hardMaximumNodes = 1_500

  public enum DiffLayout: String, Sendable, CaseIterable {
    /// What both models have is there once.
    case merged
    /// Each model for itself, what corresponds at the same height.
    case sideBySide = "side-by-side"
  }

  public enum Window: Sendable, Hashable {
    case whole
    /// Round the nodes, inputs, outputs and results with this name.
    case around(String)
    /// Round everything that differs between two models.
    case changes
  }

  public enum Direction: Sendable {
    case topToBottom
    case leftToRight
  }
}

public enum Theme: String, Sendable, CaseIterable {
  case light
  case dark
}

/// The raw value is the usual extension of the file.
public enum PictureFormat: String, Sendable, CaseIterable {
  case dot
  case svg
  case png
  case pdf
}
