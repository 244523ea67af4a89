import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting

/// Sums trees of an ensemble that make the same decisions into one, and moves trees that are one leaf into the base
/// values of a regressor.
///
/// Legal for sums whose results are finite; labels of classifiers with negative weights and without are found in
/// different ways, so a classifier keeps being the one or the other. Trees whose nodes have several parents stay.
///
/// Rounding: the sum of two weights is rounded once, and trees are added in another order. NaN and infinite features
/// take the sides that they took.
struct MergeTrees: Pass {
  static let summary = "tree(x) + tree′(x) with equal tests → one tree; trees of one leaf → base values"
  static let exactness = Exactness.rounding

  func run(on model: inout Model, in context: inout PassContext) throws {
    for node in model.treeEnsembles {
      guard let attributes = Self.merged(node, in: model) else { continue }
      model.edit(as: Self.name) { $0.setAttributes(of: node, to: attributes) }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func merged(_ node: NodeID, in model: Model) -> [Attribute]? {
    guard var view = (try? TreeEnsembleView(reading: node, in: model))?.mergingTrees() else { return nil }
    // Sums may be equal where their terms were not, which leaves equal leaves, and so fewer different trees.
    while let merged = view.simplified().mergingTrees() { view = merged }
    return view.simplified().attributes(replacing: model.attributes(of: node))
  }

  static let given = "float[N, 2] x in -3...6"

  private static func stump(_ low: Float, _ high: Float, _ feature: Int = 0) -> ExampleTree {
    .test(feature, "LEQ", 2, .leaf(low), .leaf(high))
  }

  static let examples: [Example] = [
    .rewrites(
      ExampleTree.regressor([stump(1, 2), stump(3, 4, 1), stump(0.5, 0.25)]),
      to: ExampleTree.regressor([stump(1.5, 2.25), stump(3, 4, 1)])),
    .rewrites(
      ExampleTree.regressor([stump(1, 2), stump(2, 1), stump(3, 4, 1)]),
      to: ExampleTree.regressor([stump(3, 4, 1)], and: "base_values = [3.0], ")),
    .rewrites(
      ExampleTree.regressor([.leaf(0.5), stump(1, 2)], and: "base_values = [1.0], "),
      to: ExampleTree.regressor([stump(1, 2)], and: "base_values = [1.5], ")),
    .rewrites(
      ExampleTree.classifier(
        [
          .test(0, "LEQ", 2, .leaf(0.5, 0.25, 1), .leaf(1, 2, 0.5)),
          .test(0, "LEQ", 2, .leaf(1, 1, 2), .leaf(2, 1, 0.25)),
        ],
        classes: 3),
      to: ExampleTree.classifier([.test(0, "LEQ", 2, .leaf(1.5, 1.25, 3), .leaf(3, 3, 0.75))], classes: 3)),
    .keeps(ExampleTree.regressor([stump(1, 2), stump(3, 4, 1)]), because: "the features differ"),
    .keeps(
      ExampleTree.regressor([stump(1, 2), .test(0, "LEQ", 2, missing: true, .leaf(1), .leaf(2))]),
      because: "NaN takes another side"),
    .keeps(
      ExampleTree.regressor([stump(1, 2), stump(3, 1)], and: "aggregate_function = \"MAX\", "),
      because: "the greatest is no sum"),
    .keeps(
      ExampleTree.regressor([stump(3e38, 2), stump(3e38, 1)]), because: "the sum is not finite",
      execution: .allowsNonFinite),
    .keeps(
      ExampleTree.classifier([stump(-1, 2), stump(3, 1), stump(1, 4, 1)], classes: 2),
      because: "no weight would be negative any more"),
    .keeps(ExampleTree.regressor([.leaf(1)]), because: "an ensemble has a tree"),
  ]
}
