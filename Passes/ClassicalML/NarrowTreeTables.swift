import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting

/// Lets the columns of a table that no tree tests go where they come from: categories of encoders, columns of scalers
/// and selections, whole tables that are joined.
///
/// Legal where nothing else reads the table, and what makes it treats columns apart (`NarrowedTable`). An encoder that
/// refuses unknown categories keeps all of them.
struct NarrowTreeTables: Pass {
  static let summary =
    "TreeEnsemble(Concat(x, y)) → TreeEnsemble′(x), where y is not tested; also of encoders"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.treeEnsembles {
      guard let narrowed = Self.narrowed(node, in: model) else { continue }
      model.edit(as: Self.name) { rewriter in
        let table = rewriter.model.input(0, of: node).flatMap { rewriter.model.producer(of: $0) }
        rewriter.setInputs(of: node, to: [narrowed.table.insert(before: node, with: &rewriter)])
        rewriter.setAttributes(of: node, to: narrowed.attributes)
        if let table { rewriter.eraseIfDead(table) }
      }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func narrowed(
    _ node: NodeID, in model: Model
  ) -> (table: NarrowedTable, attributes: [Attribute])? {
    guard let value = model.input(0, of: node), let shape = model.shape(of: value), shape.rank == 2,
      let width = shape[1].fixedSize, var view = try? TreeEnsembleView(reading: node, in: model)
    else { return nil }
    let tested = Set(view.trees.flatMap(\.testedFeatures))
    guard tested.count < width, tested.allSatisfy((0..<width).contains),
      let table = NarrowedTable(value, keeping: tested, in: model), table.columns.count < width
    else { return nil }
    let places = Dictionary(uniqueKeysWithValues: table.columns.enumerated().map { ($0.element, $0.offset) })
    for tree in view.trees.indices {
      for index in view.trees[tree].reachableNodes() {
        guard case .branch(var branch) = view.trees[tree].nodes[index] else { continue }
        guard let place = places[branch.feature] else { return nil }
        branch.feature = place
        view.trees[tree].nodes[index] = .branch(branch)
      }
    }
    return view.attributes(replacing: model.attributes(of: node)).map { (table: table, attributes: $0) }
  }

  static let given = """
    float[N, 2] x in -3...6; float[N, 2] z in -3...6; int64[N, 1] c in 0...3; const int64[2] s = {-1, 3}; \
    const int64[2] all = {-1, 4}
    """

  private static let first = ExampleTree.test(0, "LEQ", 2, .leaf(5), .leaf(6))
  private static func sorts(_ category: Int, _ column: Int) -> ExampleTree {
    .test(category, "GT", 0.5, .leaf(1), .test(column, "LT", 0, .leaf(2), .leaf(3)))
  }
  private static let encoder = "e = \"ai.onnx.ml\".OneHotEncoder<cats_int64s = [0, 1, 2], zeros = 1>(c); "

  static let examples: [Example] = [
    .rewrites(
      "h = Concat<axis = 1>(x, z); " + ExampleTree.regressor([first], of: "h"),
      to: ExampleTree.regressor([first])),
    .rewrites(
      encoder + "r = Reshape(e, s); h = Concat<axis = 1>(r, x); "
        + ExampleTree.regressor([sorts(2, 4)], of: "h"),
      to: "e = \"ai.onnx.ml\".OneHotEncoder<cats_int64s = [2], zeros = 1>(c); r = Reshape(e, {-1, 1}); "
        + "h = Concat<axis = 1>(r, x); " + ExampleTree.regressor([sorts(0, 2)], of: "h")),
    .rewrites(
      "k = \"ai.onnx.ml\".Scaler<offset = [0.5, 1.0], scale = [2.0, 3.0]>(x); h = Concat<axis = -1>(k, z); "
        + ExampleTree.regressor([.test(3, "LEQ", 2, .leaf(5), .leaf(6))], of: "h"),
      to: ExampleTree.regressor([.test(1, "LEQ", 2, .leaf(5), .leaf(6))], of: "z")),
    .keeps(
      "h = Concat<axis = 1>(x, z); "
        + ExampleTree.regressor([sorts(0, 3)], of: "h"),
      because: "both tables are tested, and the columns of an input stay together"),
    .keeps(
      "h = Concat<axis = 1>(x, z); k = Neg(h); " + ExampleTree.regressor([first], of: "h"),
      because: "another node reads the table"),
    .keeps(ExampleTree.regressor([first]), because: "the columns of an input stay together"),
    .keeps(
      "e = \"ai.onnx.ml\".OneHotEncoder<cats_int64s = [0, 1, 2, 3], zeros = 0>(c); r = Reshape(e, all); "
        + "h = Concat<axis = 1>(r, x); " + ExampleTree.regressor([sorts(2, 4)], of: "h"),
      because: "categories that are unknown are an error"),
    .keeps(
      "h = Concat<axis = 0>(x, z); " + ExampleTree.regressor([first], of: "h"), because: "rows are joined"),
  ]
}

extension DecisionTree {
  fileprivate var testedFeatures: [Int] {
    reachableNodes().compactMap { if case .branch(let branch) = nodes[$0] { branch.feature } else { nil } }
  }
}
