import GraphIR
import TensorCore

/// Models that score each row of [N, features]: trees, linear models, support vectors.
enum TreeInference {
  static let operators: [String: InferenceFunction] = [
    "TreeEnsembleClassifier": { classifier($0, scores: classCount($0)) },
    "TreeEnsembleRegressor": { regressor($0, .float32, "n_targets") },
    "TreeEnsemble": { regressor($0, $0.elementType(0), "n_targets") },
    "LinearClassifier": { classifier($0, scores: linearScoreCount($0)) },
    "LinearRegressor": { regressor($0, .float32, "targets") },
    // How many scores there are depends on the kernel and on calibration.
    "SVMClassifier": { classifier($0, scores: .unknown) },
    "SVMRegressor": { $0.result(.float32, [rows($0), 1]) },
  ]

  /// A vector is one row.
  private static func rows(_ node: InferenceContext) -> Dimension {
    guard let shape = node.shape(0) else { return .unknown }
    return shape.rank == 1 ? 1 : shape.dimensions.first ?? .unknown
  }

  /// The labels [N], then the scores [N, classes].
  private static func classifier(_ node: InferenceContext, scores: Dimension) -> [ValueType?] {
    let strings = ["classlabels_strings", "classlabels_ints"].first { node.count(of: $0) > 0 }
    let labelType: ElementType = strings == "classlabels_strings" ? .string : .int64
    return node.result(labelType, [rows(node)]) + node.result(.float32, [rows(node), scores])
  }

  private static func regressor(
    _ node: InferenceContext, _ elementType: ElementType?, _ attribute: String
  ) -> [ValueType?] {
    let targets = node.int(attribute) ?? 1
    return node.result(elementType, [rows(node), .fixed(targets)])
  }

  private static func classCount(_ node: InferenceContext) -> Dimension {
    let labels =
      ["classlabels_strings", "classlabels_int64s", "classlabels_ints"]
      .map { node.count(of: $0) }.max() ?? 0
    return labels > 0 ? .fixed(labels) : .unknown
  }

  /// One score serves two classes: it is then given for both.
  private static func linearScoreCount(_ node: InferenceContext) -> Dimension {
    let scores = node.count(of: "intercepts")
    let labels = classCount(node)
    if scores == 1, labels == 2 { return 2 }
    return scores > 0 ? .fixed(scores) : labels
  }
}

/// Transformations of feature tables [N, features].
enum TabularInference {
  static let operators: [String: InferenceFunction] = [
    "Scaler": { $0.result(.float32, $0.shape(0)) }, "Normalizer": { $0.result(.float32, $0.shape(0)) },
    "Imputer": { $0.same(as: 0) }, "Binarizer": { $0.same(as: 0) }, "OneHotEncoder": oneHot,
    "LabelEncoder": labels, "CategoryMapper": categories, "ArrayFeatureExtractor": extract,
    "FeatureVectorizer": join, "ZipMap": zip, "CastMap": castMap, "DictVectorizer": vectorize,
  ]

  @Sendable private static func oneHot(_ node: InferenceContext) -> [ValueType?] {
    let categories = max(node.count(of: "cats_int64s"), node.count(of: "cats_strings"))
    return node.result(.float32, node.shape(0).map { Shape($0.dimensions + [.fixed(categories)]) })
  }

  @Sendable private static func labels(_ node: InferenceContext) -> [ValueType?] {
    node.result(labelType(node), node.shape(0))
  }

  private static func labelType(_ node: InferenceContext) -> ElementType? {
    if let tensor = node.own("values_tensor")?.tensor { return tensor.elementType }
    let kinds: [(name: String, type: ElementType)] = [
      (name: "values_strings", type: .string), (name: "values_int64s", type: .int64),
      (name: "values_floats", type: .float32),
    ]
    if let kind = kinds.first(where: { node.own($0.name) != nil }) { return kind.type }
    // Version 1 mapped strings to their places in a list, and back.
    guard node.opset < 2 else { return nil }
    return node.elementType(0) == .string ? .int64 : .string
  }

  @Sendable private static func categories(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0).map { $0 == .string ? .int64 : .string }, node.shape(0))
  }

  /// Columns, as many as there are indices.
  @Sendable private static func extract(_ node: InferenceContext) -> [ValueType?] {
    let count = node.shape(1)?.elementCount ?? .unknown
    let shape = node.shape(0).map { shape -> Shape in
      shape.rank == 1 ? [1, count] : Shape(shape.dimensions.dropLast() + [count])
    }
    return node.result(node.elementType(0), shape)
  }

  @Sendable private static func join(_ node: InferenceContext) -> [ValueType?] {
    let widths = node.ints("inputdimensions")?.map(Dimension.fixed).reduce(.fixed(0), +)
    let rows = node.shape(0).map { $0.rank == 1 ? 1 : $0.dimensions.first ?? .unknown } ?? .unknown
    return node.result(.float32, [rows, widths ?? .unknown])
  }

  @Sendable private static func zip(_ node: InferenceContext) -> [ValueType?] {
    let key: ElementType = node.count(of: "classlabels_strings") > 0 ? .string : .int64
    return [.sequence(.map(key: key, value: .tensor(.float32, nil)))]
  }

  @Sendable private static func castMap(_ node: InferenceContext) -> [ValueType?] {
    let target: ElementType
    switch node.string("cast_to") {
    case "TO_STRING": target = .string
    case "TO_INT64": target = .int64
    default: target = .float32
    }
    return node.result(target, [1, .unknown])
  }

  @Sendable private static func vectorize(_ node: InferenceContext) -> [ValueType?] {
    guard case .map(_, let value)? = node.type(0) else { return [] }
    let count = max(node.count(of: "string_vocabulary"), node.count(of: "int64_vocabulary"))
    return node.result(value.elementType, [1, .fixed(count)])
  }
}

extension InferenceContext {
  /// The length of a list attribute; 0 for none.
  fileprivate func count(of attribute: String) -> Int {
    switch own(attribute) {
    case .ints(let values)?: values.count
    case .floats(let values)?: values.count
    case .strings(let values)?: values.count
    default: 0
    }
  }
}
