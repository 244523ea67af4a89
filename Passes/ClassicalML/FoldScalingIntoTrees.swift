import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting

/// Lets a tree ensemble read a table before it is scaled, and compares with other thresholds instead.
///
/// Rounded as a runtime rounds it, a scaling is still monotone: the numbers that it takes to t or below end at some
/// number, which is searched for, and is the new threshold. Every number takes the side that it took, the infinities
/// and −0 among them; NaN stays NaN.
///
/// Legal for `Scaler`, `Add`, `Sub`, `Mul` and `Div` with constants on float32 tables [N, columns] that nothing but the
/// trees reads, where every tested column has finite constants and a positive factor. A branch that tests for one
/// number needs a number that is the only one to become it.
struct FoldScalingIntoTrees: Pass {
  static let summary = "TreeEnsemble(Scaler(x)) → TreeEnsemble′(x), also Add, Sub, Mul and Div"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    model.foldScalings(into: model.treeEnsembles, as: Self.name, attributes: Self.attributes)
  }

  private static func attributes(
    of node: NodeID, reading scaling: ColumnScaling, in model: Model
  ) -> [Attribute]? {
    guard var view = try? TreeEnsembleView(reading: node, in: model), view.elementType == .float32
    else { return nil }
    for tree in view.trees.indices {
      for index in view.trees[tree].reachableNodes() {
        guard case .branch(var branch) = view.trees[tree].nodes[index] else { continue }
        guard let threshold = threshold(of: branch, before: scaling) else { return nil }
        branch.threshold = Double(threshold)
        view.trees[tree].nodes[index] = .branch(branch)
      }
    }
    return view.attributes(replacing: model.attributes(of: node))
  }

  /// What the branch compares the unscaled number with.
  private static func threshold(of branch: DecisionBranch, before scaling: ColumnScaling) -> Float? {
    guard scaling.isIncreasing(inColumn: branch.feature),
      let function = scaling.function(ofColumn: branch.feature)
    else { return nil }
    let value = Float(branch.threshold)
    guard !value.isNaN else { return nil }
    switch branch.comparison {
    case .lessOrEqual, .greater: return FloatSearch.greatest { function($0) <= value }
    case .less, .greaterOrEqual: return FloatSearch.least { function($0) >= value }
    case .equal, .notEqual:
      guard let first = FloatSearch.least(where: { function($0) >= value }),
        first == FloatSearch.greatest(where: { function($0) <= value }), function(first) == value
      else { return nil }
      return first
    case .member: return nil
    }
  }

  static let given = """
    float[N, 2] x in -3...6; const float[2] c = {3, 0.7}; const float[1, 2] d = {0.3, -1.9}; const float[2] n = {3, -0.7}; \
    float[N, M] wide; float[2] vector; double[N, 2] exact
    """

  private static let scaler = "\"ai.onnx.ml\".Scaler<offset = [0.1, 3.3], scale = [0.7, 1.3]>"
  private static let tree = ExampleTree.test(
    0, "LEQ", 0.5, .test(1, "GT", -1.5, .leaf(1), .leaf(2)), .leaf(3))

  /// Finds the thresholds that the pass finds.
  private static func example(_ first: Float, _ second: Float) -> ExampleTree {
    .test(0, "LEQ", first, .test(1, "GT", second, .leaf(1), .leaf(2)), .leaf(3))
  }

  private static func scaled(_ x: Float, _ column: Int) -> Float {
    (x - [0.1, 3.3][column]) * [0.7, 1.3][column]
  }

  private static func border(_ column: Int, _ value: Float) -> Float {
    FloatSearch.greatest { scaled($0, column) <= value } ?? .nan
  }

  static let examples: [Example] = [
    .rewrites(
      "h = \(scaler)(x); " + ExampleTree.regressor([tree], of: "h"),
      to: ExampleTree.regressor([example(border(0, 0.5), border(1, -1.5))]), execution: .allowsNonFinite),
    .rewrites(
      "h = Mul(x, c); k = Add(h, d); "
        + ExampleTree.regressor([.test(0, "LT", 1.3, .leaf(1), .leaf(3))], of: "k"),
      to: ExampleTree.regressor([
        .test(0, "LT", FloatSearch.least { $0 * 3 + 0.3 >= 1.3 } ?? .nan, .leaf(1), .leaf(3))
      ]), execution: .allowsNonFinite),
    .rewrites(
      "h = Sub(x, 2.0); "
        + ExampleTree.classifier([.test(0, "EQ", 1, .leaf(1, 2), .leaf(2, 1))], of: "h", classes: 2),
      to: ExampleTree.classifier([.test(0, "EQ", 3, .leaf(1, 2), .leaf(2, 1))], classes: 2)),
    .rewrites(
      "h = Mul(x, n); " + ExampleTree.regressor([.test(0, "GTE", 6, .leaf(1), .leaf(2))], of: "h"),
      to: ExampleTree.regressor([.test(0, "GTE", 2, .leaf(1), .leaf(2))])),
    .keeps(
      "h = Mul(x, n); " + ExampleTree.regressor([tree], of: "h"),
      because: "the second column changes its order"),
    .keeps(
      "h = Add(x, d); " + ExampleTree.regressor([.test(0, "EQ", 0.5, .leaf(1), .leaf(2))], of: "h"),
      because: "several numbers, or none, become 0.5"),
    .keeps(
      "h = \(scaler)(x); z = Neg(h); " + ExampleTree.regressor([tree], of: "h"),
      because: "the table is read twice"),
    .keeps(
      "h = \(scaler)(exact); " + ExampleTree.regressor([tree], of: "h"),
      because: "doubles lie between the floats"
    ),
    .keeps(
      "h = Add(vector, d); " + ExampleTree.regressor([tree], of: "h"), because: "the vector is no table"),
    .keeps(
      "h = Mul(wide, c); " + ExampleTree.regressor([.test(0, "LEQ", 1, .leaf(1), .leaf(2))], of: "h"),
      because: "one column would become two"),
  ]
}
