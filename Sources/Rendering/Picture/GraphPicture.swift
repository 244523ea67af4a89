/// What a picture of a graph shows, before anyone decides where it stands on the page: nodes, edges and
/// clusters with their texts and marks. Texts are plain; whoever prints them escapes them.
///
/// Indices of nodes and clusters are positions in `nodes` and `clusters`.
public struct GraphPicture: Sendable {
  public var title: String
  public var subtitle = ""
  public var nodes: [Node] = []
  public var edges: [Edge] = []
  /// An outer cluster stands before those inside it.
  public var clusters: [Cluster] = []
  /// Nodes that stand at the same height, one of each side.
  var sameRanks: [SameRank] = []
  public var emphasis: Emphasis = .families
  /// What the nodes' measures are.
  var overlay: NodeOverlay?
  public var appearance: Appearance

  public init(title: String, appearance: Appearance = Appearance()) {
    self.title = title
    self.appearance = appearance
  }

  struct SameRank: Sendable {
    var left: Int
    var right: Int
  }

  public struct Node: Sendable {
    /// Unique in the picture, letters, digits and `_` only: the node's name in DOT and its `id` in SVG.
    public var id: String
    public var kind: NodeKind
    public var title: String
    public var subtitle = ""
    /// Parameters and constants, a line each.
    public var details: [String] = []
    /// What was changed, and which rule or candidate did it.
    public var note = ""
    public var tooltip = ""
    public var mark: Mark?
    public var cluster: Int?
    /// How many nodes of the model this one stands for.
    public var count = 1
    /// Their names, besides its own.
    public internal(set) var inner: [String] = []
    /// Modules and repetitions around it, outermost first.
    var scopes: [Scope] = []
    /// In a merged picture of which the sides will be drawn: what the older model says.
    var former: Former?
    /// Its number in an overlay.
    var measure: NodeOverlay.Measure?
    /// Whether a window is round it.
    var isFocus = false
    /// Equal for nodes that do the same (`NodeStructure`); nil where nothing is known to.
    var structure: Int?

    struct Former: Sendable {
      var details: [String]
      var tooltip: String
      var measure: NodeOverlay.Measure?
    }

    public init(id: String, kind: NodeKind, title: String) {
      self.id = id
      self.kind = kind
      self.title = title
    }
  }

  public enum NodeKind: Hashable, Sendable {
    case operation(OperatorFamily)
    case input
    case output
    case constant
    /// Stands for several nodes that are not drawn.
    case summary
    /// Stands for a node far away, beside a node that reads it.
    case reference
    /// Not seen: what its edges lead to stands from left to right in their order.
    case anchor
  }

  public struct Edge: Sendable {
    public var tail: Int
    public var head: Int
    public var label = ""
    /// In a merged picture: what the older model says, where that differs.
    var formerLabel: String?
    public var tooltip = ""
    public var kind: EdgeKind = .data
    public var mark: Mark?
    /// Which of the tail's outputs.
    var output = 0
    /// Equal for edges that carry the same type in the same way.
    var structure = 0
    /// Of `.next`: how many repetitions later the head is.
    var lag = 0

    public init(from tail: Int, to head: Int) {
      self.tail = tail
      self.head = head
    }

    /// Behind what the label says already.
    mutating func add(toLabel text: String) {
      func extended(_ label: String) -> String { label.isEmpty ? text : "\(label) · \(text)" }
      label = extended(label)
      formerLabel = formerLabel.map(extended)
    }
  }

  public enum EdgeKind: Hashable, Sendable {
    /// A node reads what another computes.
    case data
    /// A control-flow node returns what its body computes.
    case result
    /// From one repetition of a block to another, both of which are drawn as one.
    case next
    /// Not seen: it only puts one node above another.
    case order
  }

  public struct Cluster: Sendable {
    public enum Kind: Hashable, Sendable {
      /// Of control flow.
      case body
      /// A part of the program that the model was exported from.
      case module
      /// One of two models.
      case side
      /// A block that is there so often.
      case repetition(Int)
    }

    public var id: String
    public var kind = Kind.body
    public var label: String
    public var parent: Int?
    /// The node whose body the cluster is.
    public var owner: Int?
    public var mark: Mark?

    public init(id: String, label: String) {
      self.id = id
      self.label = label
    }
  }

  /// What colour stands for.
  public enum Emphasis: Hashable, Sendable {
    /// The family of an operator; marks stand out by their border.
    case families
    /// What was done to it; whatever stayed the same is grey.
    case changes
  }

  public struct Appearance: Hashable, Sendable {
    public var theme: Theme = .light
    public var fontSize = 12
    public var direction: RenderOptions.Direction = .topToBottom
    public var showsLegend = true

    public init() {}
  }
}

/// What happened to a node or an edge between two models.
public enum Mark: Int, Hashable, Sendable, CaseIterable {
  case removed
  case changed
  case added

  /// Beside the colour, so that a picture can be read without it.
  public var symbol: String {
    switch self {
    case .removed: "−"
    case .changed: "~"
    case .added: "+"
    }
  }

  public var label: String {
    switch self {
    case .removed: "removed"
    case .changed: "changed"
    case .added: "new"
    }
  }
}
