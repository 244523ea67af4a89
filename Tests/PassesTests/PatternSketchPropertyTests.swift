import GraphAnalysis
import GraphIR
import PassPipeline
import PassTestKit
import Passes
import Testing

@testable import Rewriting

/// Every rule's sketch lets through every node of every example at which the rule's pattern matches.
@Suite struct PatternSketchPropertyTests {
  private static let rewrites = PassRegistry.builtIn.passes
    .compactMap { $0 as? any RewriteRule.Type }
    .flatMap { type in type.init().body.map { (name: type.name, rewrite: $0) } }

  @Test(arguments: PassRegistry.builtIn.passes.map { $0.name }) func refusesNothingThatMatches(_ name: String)
    throws
  {
    var sketches = PatternSketches()
    let places = Self.rewrites.map { sketches.add($0.rewrite.pattern) }
    let pass = try #require(PassRegistry.builtIn[name])
    for example in pass.examples {
      let model = try model(of: example, of: pass)
      var numbering = PatternSketches.Numbering()
      sketches.extend(&numbering, by: model)
      for node in model.allNodes {
        for (rule, place) in zip(Self.rewrites, places)
        where !sketches.mayMatch(place, at: node, in: model, numbering) {
          var matcher = Matcher(model: model, root: node)
          let matches = matcher.match(rule.rewrite.pattern, root: node)
          #expect(!matches, "\(rule.name) at \(model.label(of: node))")
        }
      }
    }
  }

  private func model(of example: Example, of pass: any Pass.Type) throws -> Model {
    var model = try Model(
      NamedModel(
        example: example.graph, given: example.given ?? pass.given, opset: example.opset,
        outputs: example.outputs,
        file: example.file))
    ShapeInference.run(on: &model)
    return model
  }
}
