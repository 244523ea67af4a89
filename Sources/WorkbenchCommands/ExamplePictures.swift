import Candidates
import CommandLineKit
import GraphAnalysis
import GraphIR
import PassPipeline
import Passes
import Rendering
import Rewriting
import Search

/// The examples of a pass or a strategy, before and after.
struct ExamplePictures {
  let source: ExampleSource
  let evaluator: any ConstantEvaluator

  /// - Throws: where there is neither of this name.
  init(_ name: String, evaluator: any ConstantEvaluator) throws {
    source = try ExampleSource(named: name)
    self.evaluator = evaluator
  }

  /// Those that are changed, each with its text or name.
  /// - Throws: where there is none.
  func examples() throws -> [ModelRenderer.Example] {
    let examples =
      switch source {
      case .pass(let type): try type.examples.compactMap { try picture(of: $0, type) }
      case .strategy(let type): try type.examples.compactMap { try picture(of: $0, type) }
      }
    guard !examples.isEmpty else { throw CommandError("\(source.name): has no example that it changes") }
    return examples
  }

  private func picture(of example: Example, _ type: any Pass.Type) throws -> ModelRenderer.Example? {
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

  /// With the changes that the example takes: they are proposed from drawn calibration data.
  private func picture(of example: StrategyExample, _ type: any Strategy.Type) throws -> ModelRenderer
    .Example?
  {
    guard case .becomes(_, let choice, _) = example.expectation else { return nil }
    let proposed = try ProposedExample(example, of: type, evaluator: evaluator)
    return ModelRenderer.Example(
      label: example.name, before: proposed.before, after: try proposed.after(choice))
  }

  var title: String { "\(source.name): \(source.summary)" }
}
