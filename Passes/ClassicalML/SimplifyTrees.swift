import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting

/// Removes from tree ensembles what no row can tell:
///
/// 1. branches one side of which no value can reach, since the path to them says so; NaN is followed apart;
/// 2. branches whose sides are equal trees, above all equal leaves;
/// 3. weights of 0, where neither score nor label tells whether they are there: forests for several classes have
///    one for every class in every leaf, and nearly all are 0;
/// 4. hit rates, which no runtime computes with, nodes that no root leads to, and lists that say what is the default.
///
/// The trees stay as many and in their order, so that their sum is taken as before. A node is written anew only where
/// its lists get shorter.
struct SimplifyTrees: Pass {
  static let summary = "tree ensembles without branches that decide nothing, weights of 0, and hit rates"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.treeEnsembles {
      guard let attributes = Self.simplified(node, in: model) else { continue }
      model.edit(as: Self.name) { $0.setAttributes(of: node, to: attributes) }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func simplified(_ node: NodeID, in model: Model) -> [Attribute]? {
    guard let view = try? TreeEnsembleView(reading: node, in: model) else { return nil }
    let old = model.attributes(of: node)
    guard let new = view.simplified().attributes(replacing: old), new.listedElements < old.listedElements
    else { return nil }
    return new
  }

  static let given = "float[N, 2] x in -3...6"

  static let examples: [Example] = [
    .rewrites(
      ExampleTree.regressor([.test(0, "LEQ", 2, .test(0, "LEQ", 3, .leaf(5), .leaf(6)), .leaf(7))]),
      to: ExampleTree.regressor([.test(0, "LEQ", 2, .leaf(5), .leaf(7))])),
    .rewrites(
      ExampleTree.regressor(
        [.test(0, "LT", 2, .leaf(1), .test(0, "GTE", 2, missing: true, .leaf(5), .leaf(6)))]),
      to: ExampleTree.regressor([.test(0, "LT", 2, .leaf(1), .leaf(5))]), execution: .allowsNonFinite),
    .rewrites(
      ExampleTree.regressor(
        [.test(1, "EQ", 2, .test(1, "GT", 2, .leaf(5), .leaf(6)), .test(0, "GT", 1, .leaf(5), .leaf(5)))]),
      to: ExampleTree.regressor([.test(1, "EQ", 2, .leaf(6), .leaf(5))])),
    .rewrites(
      ExampleTree.regressor([
        .test(
          0, "LEQ", 2, .test(1, "LEQ", 0, .leaf(5), .leaf(6)), .test(1, "LEQ", 0, .leaf(5), .leaf(6)))
      ]), to: ExampleTree.regressor([.test(1, "LEQ", 0, .leaf(5), .leaf(6))])),
    .rewrites(
      ExampleTree.regressor(
        [.test(0, "LEQ", 2, .leaf(0.0, 2), .leaf(1, 0.0))], targets: 2,
        and: "nodes_hitrates = [1.0, 1.0, 1.0], "),
      to: ExampleTree.regressor([.test(0, "LEQ", 2, .leaf(nil, 2), .leaf(1))], targets: 2)),
    .rewrites(
      ExampleTree.classifier(
        [
          .test(0, "LEQ", 2, .leaf(0.0, 0.5, 0.5), .test(1, "LEQ", 0, .leaf(1, 0.0, 0.0), .leaf(0.0, 0.0, 1)))
        ],
        classes: 3),
      to: ExampleTree.classifier(
        [.test(0, "LEQ", 2, .leaf(nil, 0.5, 0.5), .test(1, "LEQ", 0, .leaf(1), .leaf(nil, nil, 1)))],
        classes: 3)),
    .rewrites(
      """
      y = "ai.onnx.ml".TreeEnsemble<tree_roots = [0], nodes_modes = uint8[2] {0, 0}, nodes_splits = float[2] {1, 4}, \
      nodes_featureids = [0, 0], nodes_trueleafs = [0, 1], nodes_truenodeids = [1, 0], nodes_falseleafs = [1, 1], \
      nodes_falsenodeids = [2, 1], leaf_targetids = [0, 0, 0], leaf_weights = float[3] {5, 6, 7}, n_targets = 1>(x)
      """,
      to: """
        y = "ai.onnx.ml".TreeEnsemble<tree_roots = [0], nodes_modes = uint8[1] {0}, nodes_splits = float[1] {1}, \
        nodes_featureids = [0], nodes_trueleafs = [1], nodes_truenodeids = [0], nodes_falseleafs = [1], \
        nodes_falsenodeids = [1], leaf_targetids = [0, 0], leaf_weights = float[2] {5, 7}, n_targets = 1>(x)
        """),
    .keeps(
      ExampleTree.regressor([.test(0, "LEQ", 2, .test(0, "LEQ", 1, .leaf(5), .leaf(6)), .leaf(7))]),
      because: "both tests decide"),
    .keeps(
      ExampleTree.regressor(
        [.test(0, "LEQ", 2, missing: true, .test(0, "LEQ", 3, .leaf(5), .leaf(6)), .leaf(7))]),
      because: "NaN reaches the second test, and takes its false side", execution: .allowsNonFinite),
    .keeps(
      ExampleTree.regressor([.test(0, "LEQ", 2, .leaf(0.0), .leaf(-0.0))]), because: "−0 is not 0"),
    .keeps(
      ExampleTree.regressor([.test(0, "LT", .nan, .leaf(5), .test(0, "LT", .nan, .leaf(6), .leaf(7)))]),
      because: "comparing with NaN says nothing"),
    .keeps(
      ExampleTree.classifier([.test(0, "LEQ", 2, .leaf(0.0, -1, -2), .leaf(1, 0.0, -1))], classes: 3),
      because: "0 wins over negative scores only where it is given"),
    .keeps(
      ExampleTree.classifier([.test(0, "LEQ", 2, .leaf(0.0, 1), .leaf(1, 0.0))], classes: 2),
      because: "of two classes, the second has to have a score"),
    .keeps(
      ExampleTree.regressor(
        [.test(0, "LEQ", 2, .leaf(0.0, -1), .leaf(1, 0.0))], targets: 2, and: "aggregate_function = \"MIN\", "
      ),
      because: "0 is the least or the greatest"),
  ]
}
