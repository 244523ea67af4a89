import GraphIR
import TensorCore

/// The trees of a `TreeEnsembleClassifier`, `TreeEnsembleRegressor` or `TreeEnsemble` node, whichever way its
/// attributes lay them out.
///
/// Reading checks everything that a file can get wrong: lists of other lengths than they must have, nodes that are
/// not there, twice there or on a cycle, targets out of range. What is not needed to compute is left out: hit rates,
/// rows that no root leads to. `attributes(replacing:)` writes the trees back in the layout that they came in.
public struct TreeEnsembleView: Sendable {
  public enum Aggregation: String, Sendable {
    case sum = "SUM"
    case average = "AVERAGE"
    case minimum = "MIN"
    case maximum = "MAX"
  }

  enum Layout: Sendable {
    /// One row for each node of each tree, and one for each weight: versions 1 to 4.
    case rows(weightPrefix: String)
    /// Branches and leaves apart: `TreeEnsemble` of version 5.
    case branchesAndLeaves
  }

  public var trees: [DecisionTree]
  /// The values that a row's scores start with: one for each target, or none. The layout of version 5 has none.
  public var baseValues: [Double]
  public let aggregation: Aggregation
  /// Targets of a regressor, labels of a classifier.
  public let targetCount: Int
  public let isClassifier: Bool
  /// The type of weights: float32 or float64, in version 5 float16 too. Thresholds have it as well.
  public let elementType: ElementType
  let layout: Layout

  /// Trees deeper than this are not read, so that what walks along paths can recur.
  public static let maximumDepth = 512

  static let rowOperators = ["TreeEnsembleClassifier": "class", "TreeEnsembleRegressor": "target"]

  /// Whether `node` is a tree ensemble of any layout.
  public static func isEnsemble(_ node: NodeID, in model: Model) -> Bool {
    let op = model.operatorName(of: node)
    return op.domain == "ai.onnx.ml" && (op.name == "TreeEnsemble" || rowOperators[op.name] != nil)
  }

  /// - Throws: `ModelError` where the node is no tree ensemble, or not a well-formed one.
  public init(reading node: NodeID, in model: Model) throws {
    guard Self.isEnsemble(node, in: model) else {
      throw ModelError("\(model.label(of: node)) is no tree ensemble")
    }
    let reader = TreeAttributes(model.attributes(of: node), label: model.label(of: node))
    let name = model.operatorName(of: node).name
    if let prefix = Self.rowOperators[name] {
      try self.init(rows: reader, weightPrefix: prefix)
    } else {
      try self.init(branchesAndLeaves: reader)
    }
  }

  init(
    trees: [DecisionTree], baseValues: [Double], aggregation: Aggregation, targetCount: Int,
    isClassifier: Bool, elementType: ElementType, layout: Layout
  ) {
    self.trees = trees
    self.baseValues = baseValues
    self.aggregation = aggregation
    self.targetCount = targetCount
    self.isClassifier = isClassifier
    self.elementType = elementType
    self.layout = layout
  }

  /// Whether the layout has base values, so that constants need no tree.
  public var canHaveBaseValues: Bool { if case .rows = layout { true } else { false } }

  /// The attributes of the node with these trees instead of those that they describe. Other attributes stay as
  /// they are. Nil where the layout, or ONNX Runtime's reading of it, cannot express the trees.
  public func attributes(replacing attributes: [Attribute]) -> [Attribute]? {
    switch layout {
    case .rows(let prefix): TreeRowWriter(self, weightPrefix: prefix)?.attributes(replacing: attributes)
    case .branchesAndLeaves: BranchAndLeafWriter(self)?.attributes(replacing: attributes)
    }
  }
}
