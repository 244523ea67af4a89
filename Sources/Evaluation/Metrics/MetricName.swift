/// A metric that somebody asks for by name.
public enum MetricName: Hashable, Sendable {
  /// Of labels that are put out, of one score for two classes, or of the class with the highest score.
  case accuracy
  case topAccuracy(k: Int)
  case macroF1
  case meanIoU
  case rSquared
  case meanSquaredError
  case agreement
  case cosineSimilarity
  case relativeError

  /// Reads `accuracy`, `top1`, `top-5`, `macro-f1`, `miou`, `r2`, `mse`, `agreement`, `cosine`, `relative-error`; nil
  /// for anything else.
  public init?(_ text: String) {
    let name = text.lowercased().filter { $0 != "-" && $0 != "_" }
    if let found = Self.names.first(where: { $0.name.filter { $0 != "-" } == name }) {
      self = found.metric
    } else if name.hasPrefix("top"), let k = Int(name.dropFirst(3)), k > 0 {
      self = .topAccuracy(k: k)
    } else {
      return nil
    }
  }

  /// Such as people type it.
  public var name: String {
    if case .topAccuracy(let k) = self { return "top\(k)" }
    return Self.names.first { $0.metric == self }?.name ?? ""
  }

  /// What can be typed.
  public static let examples = ["accuracy", "top1", "top5"] + names.dropFirst().map(\.name)

  private static let names: [(name: String, metric: MetricName)] = [
    ("accuracy", .accuracy), ("macro-f1", .macroF1), ("miou", .meanIoU), ("r2", .rSquared),
    ("mse", .meanSquaredError), ("agreement", .agreement), ("cosine", .cosineSimilarity),
    ("relative-error", .relativeError),
  ]

  public var usesLabels: Bool {
    switch self {
    case .agreement, .cosineSimilarity, .relativeError: false
    default: true
    }
  }
}

/// What the user says of the metric; what is nil is found from outputs and labels.
public struct MetricRequest: Hashable, Sendable {
  public var name: MetricName?
  /// The graph's output that is measured.
  public var output: String?
  /// Where the label is this number, the decision does not count. Only for metrics over classes.
  public var ignoredLabel: Int?

  public init(_ name: MetricName? = nil, output: String? = nil, ignoredLabel: Int? = nil) {
    self.name = name
    self.output = output
    self.ignoredLabel = ignoredLabel
  }
}
