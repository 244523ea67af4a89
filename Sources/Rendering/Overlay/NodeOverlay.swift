import GraphIR

/// A number for nodes of a model, that pictures show in them and by how strong their colour is.
public struct NodeOverlay: Sendable {
  /// What several nodes that are drawn as one have together.
  public enum Combination: Sendable {
    case sum
    case maximum
    /// By weight.
    case mean

    var text: String {
      switch self {
      case .sum: "sums"
      case .maximum: "the largest"
      case .mean: "means"
      }
    }
  }

  public struct Measure: Sendable {
    public var value: Double
    /// In a mean.
    public var weight: Double
    /// Behind the number.
    public var note: String

    public init(_ value: Double, weight: Double = 1, note: String = "") {
      self.value = value
      self.weight = weight
      self.note = note
    }
  }

  /// As in `bytes of weights`.
  public var title: String
  public var combination: Combination
  public var format: @Sendable (Double) -> String
  /// Nodes without one stay grey.
  public var values: [NodeID: Measure] = [:]

  public init(
    _ title: String, _ combination: Combination, values: [NodeID: Measure] = [:],
    format: @escaping @Sendable (Double) -> String
  ) {
    self.title = title
    self.combination = combination
    self.values = values
    self.format = format
  }

  /// What is no number is no value.
  subscript(node: NodeID) -> Measure? {
    values[node].flatMap { $0.value.isFinite && $0.weight.isFinite ? $0 : nil }
  }

  func combined(_ measures: [Measure]) -> Measure? {
    guard var result = measures.first else { return nil }
    switch combination {
    case .sum:
      result.value = measures.reduce(0) { $0 + $1.value }
      result.note = ""
    case .maximum: result = measures.max { $0.value < $1.value } ?? result
    case .mean:
      result.weight = measures.reduce(0) { $0 + $1.weight }
      let sum = measures.reduce(0) { $0 + $1.value * $1.weight }
      result.value = sum / max(result.weight, .leastNormalMagnitude)
      result.note = ""
    }
    return result
  }
}

/// How the numbers of an overlay become shades: the square root of their share of the largest, so that small ones
/// can still be told apart.
struct OverlayScale {
  let overlay: NodeOverlay
  let maximum: Double
  /// Of sums; nil for others.
  let total: Double?

  /// Shades of the legend.
  static let steps = [0, 0.25, 0.5, 0.75, 1]

  init?(_ picture: GraphPicture) {
    guard let overlay = picture.overlay else { return nil }
    let values = picture.nodes.compactMap { $0.measure?.value }
    self.overlay = overlay
    maximum = max(values.max() ?? 0, 0)
    total = overlay.combination == .sum ? values.reduce(0, +) : nil
  }

  func shade(_ measure: NodeOverlay.Measure) -> Double {
    maximum > 0 ? (max(measure.value, 0) / maximum).squareRoot() : 0
  }

  /// The number at a shade.
  func text(shade: Double) -> String { overlay.format(shade * shade * maximum).shown(atMost: 24) }

  /// As in `1.2 MB · 34 %`.
  func text(_ measure: NodeOverlay.Measure) -> String {
    var parts = [overlay.format(measure.value).shown(atMost: 24)]
    if let total, total > 0 { parts.append(Self.percent(measure.value / total)) }
    if !measure.note.isEmpty { parts.append(measure.note.shown(atMost: 24)) }
    return parts.joined(separator: " · ")
  }

  private static func percent(_ share: Double) -> String {
    let thousandths = Int((share * 1_000).rounded())
    return "\(thousandths / 10).\(abs(thousandths % 10)) %"
  }
}
