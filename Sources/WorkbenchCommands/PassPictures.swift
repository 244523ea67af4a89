import CommandLineKit
import Evaluation
import GraphAnalysis
import GraphIR
import PassPipeline
import Passes
import Rendering
import Rewriting

/// The examples of a pass, before and after.
struct PassPictures {
  let type: any Pass.Type
  let evaluator: any ConstantEvaluator

  /// - Throws: where there is no such pass.
  init(_ name: String, evaluator: any ConstantEvaluator) throws {
    guard let type = PassRegistry.builtIn[name] else {
      throw CommandError(
        "there is no pass '\(name)'",
        help: didYouMean(name, among: PassRegistry.builtIn.passes.map { $0.name }) + [
          "`workbench passes` lists all"
        ])
    }
    self.type = type
    self.evaluator = evaluator
  }

  /// Those that the pass changes, each with its text.
  /// - Throws: where there is none.
  func examples() throws -> [ModelRenderer.Example] {
    let examples = try type.examples.compactMap { example -> ModelRenderer.Example? in
      guard case .becomes = example.expectation else { return nil }
      var before = try Model(
        NamedModel(
          example: example.graph, given: example.given ?? type.given, opset: example.opset,
          outputs: example.outputs, file: example.file))
      ShapeInference.run(on: &before)
      var after = before
      var context = PassContext(evaluator: evaluator)
      try type.init().run(on: &after, in: &context)
      ShapeInference.run(on: &after)
      return ModelRenderer.Example(label: example.graph, before: before, after: after)
    }
    guard !examples.isEmpty else { throw CommandError("\(type.name): has no example that it changes") }
    return examples
  }

  var title: String { "\(type.name): \(type.summary)" }
}
