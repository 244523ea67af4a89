import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Raises the version of the standard operators (`ai.onnx`), so that newer operators can be used: `to` is the
/// version, by default the one that every release of ONNX Runtime that this project runs with has kernels for.
///
/// One version after the other, every node whose operator changes follows its operator's schema: attributes
/// that have become inputs are constants, and a default that changed is made explicit. Where that is not all,
/// `OpsetAdapters` says what to do. Bodies are converted with their graph, functions by their own imports;
/// operators of other domains stay as they are. Graphs that import that version or a newer one stay, too.
///
/// A model that cannot be converted exactly is refused with the name of the node and the reason, and stays as it
/// is: dropout in training, statistics of a batch, indices that may be negative where that has come to mean
/// something else, ranks that have to be known and are not.
///
/// Rounding: by the standard every bit stays; runtimes may have other kernels for other versions.
struct ConvertOpset: Pass {
  static let summary = "raises the model's opset, exactly"
  static let exactness = Exactness.rounding

  struct Options: PassOptions {
    /// The version of the standard operators.
    var to = RuntimeOpsets.oldestSupported
  }

  var options = Options()

  func validate() throws {
    let newest = OperatorSchema.newestOpset() ?? 1
    guard (1...newest).contains(options.to) else {
      throw ModelError("opset \(options.to) is not known: 1 to \(newest) are")
    }
  }

  func run(on model: inout Model, in context: inout PassContext) throws {
    if let version = model.header.opset(), version > options.to {
      context.note("the model has opset \(version), which stays: conversion goes up only")
    }
    let roots = Self.roots(below: options.to, in: model)
    guard !roots.isEmpty else { return }
    var converted = model
    ShapeInference.run(on: &converted)
    converted.edit(as: Self.name) { rewriter in
      rewriter.raiseFormat(to: ModelHeader.irVersion(ofOpset: options.to))
    }
    for root in roots { try Self.raise(root, to: options.to, in: &converted) }
    model = converted
  }

  /// The main graph and the functions that import an older version of the standard operators.
  private static func roots(below target: Int, in model: Model) -> [GraphID] {
    model.allGraphs.filter { graph in
      model.parent(of: graph) == nil && (model.opset("", in: graph) ?? target) < target
    }
  }

  static let given = """
    float[2, 3, 4] x; const float[3] c; const int64[1] axis = {1}; const int64[1] zero = {0}
    """

  static let examples: [Example] = [
    .rewrites(
      "h = Neg(x); y = Unsqueeze<axes = [1]>(h)", to: "h = Neg(x); y = Unsqueeze(h, axis)", opset: 11),
    .rewrites(
      "y = Squeeze<axes = [1]>(z)", to: "y = Squeeze(z, axis)",
      given: "float[2, 1] z; const int64[1] axis = {1}", opset: 11),
    .rewrites("y = Slice<starts = [0], ends = [1]>(x)", to: "y = Slice(x, zero, axis)", opset: 9),
    .rewrites("y = Sub(x, c)", to: "y = Sub(x, c)", given: "float[2, 3] x; const float[3] c", opset: 12),
    .keeps("y = Swish(x)", because: "the model imports this version, or a newer one", opset: 24),
    .keeps("y = Relu(x)", because: "the model imports this version, or a newer one", opset: 26),
  ]
}
