import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Lets a tree ensemble read a table instead of some of its columns, and test those columns there.
///
/// Legal where the columns of a table [N, columns] are chosen by constant places, and nothing but trees reads what was
/// chosen.
struct FoldColumnsIntoTrees: Pass {
  static let summary = "TreeEnsemble(ArrayFeatureExtractor(x, i)) → TreeEnsemble′(x), also Gather"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.treeEnsembles {
      while let folded = Self.folded(node, in: model) {
        model.edit(as: Self.name) { rewriter in
          let selection = rewriter.model.input(0, of: node).flatMap { rewriter.model.producer(of: $0) }
          rewriter.setInputs(of: node, to: [folded.source])
          rewriter.setAttributes(of: node, to: folded.attributes)
          if let selection { rewriter.eraseIfDead(selection) }
        }
      }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func folded(
    _ node: NodeID, in model: Model
  ) -> (source: ValueID, attributes: [Attribute])? {
    guard let table = model.input(0, of: node), let producer = model.producer(of: table),
      model.graph(of: producer) == model.graph(of: node),
      model.users(of: table).allSatisfy({ TreeEnsembleView.isEnsemble($0, in: model) }),
      let selection = ColumnSelection(at: producer, in: model),
      var view = try? TreeEnsembleView(reading: node, in: model)
    else { return nil }
    for tree in view.trees.indices {
      for index in view.trees[tree].reachableNodes() {
        guard case .branch(var branch) = view.trees[tree].nodes[index] else { continue }
        guard selection.columns.indices.contains(branch.feature) else { return nil }
        branch.feature = selection.columns[branch.feature]
        view.trees[tree].nodes[index] = .branch(branch)
      }
    }
    return view.attributes(replacing: model.attributes(of: node)).map {
      (source: selection.source, attributes: $0)
    }
  }

  static let given = """
    float[N, 4] x in -3...6; const int64[2] i = {3, 1}; const int64[1, 2] row = {2, 0}; const int64[2] last = {-1, 0}; \
    const int64[2] rows = {0, 1}; int64[2] j in 0...1
    """

  private static func tree(_ first: Int, _ second: Int) -> ExampleTree {
    .test(first, "LEQ", 2, .test(second, "LEQ", 3, .leaf(5), .leaf(6)), .leaf(7))
  }

  static let examples: [Example] = [
    .rewrites(
      "h = \"ai.onnx.ml\".ArrayFeatureExtractor(x, i); " + ExampleTree.regressor([tree(0, 1)], of: "h"),
      to: ExampleTree.regressor([tree(3, 1)])),
    .rewrites(
      "h = \"ai.onnx.ml\".ArrayFeatureExtractor(x, row); " + ExampleTree.regressor([tree(0, 1)], of: "h"),
      to: ExampleTree.regressor([tree(2, 0)])),
    .rewrites(
      "h = Gather<axis = 1>(x, last); " + ExampleTree.regressor([tree(1, 0)], of: "h"),
      to: ExampleTree.regressor([tree(0, 3)])),
    .keeps(
      "h = Gather<axis = 0>(x, rows); " + ExampleTree.regressor([tree(0, 1)], of: "h"),
      because: "rows are chosen"),
    .keeps(
      "h = Gather<axis = 1>(x, i); z = Neg(h); " + ExampleTree.regressor([tree(0, 1)], of: "h"),
      because: "the columns are read beside"),
    .keeps(
      "h = Gather<axis = 1>(x, j); " + ExampleTree.regressor([tree(0, 1)], of: "h"),
      because: "columns are computed"),
  ]
}
