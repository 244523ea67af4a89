import PassPipeline
import Passes
import Rewriting
import Testing

@Suite struct RegistryTests {
  let passes = PassRegistry.builtIn.passes

  @Test func rulesUseOperatorsThatExist() {
    #expect(PassRegistry.builtIn.problems() == [])
  }

  @Test func runtimesOperatorsHaveToBeAskedFor() {
    let portable = PassRegistry.builtIn.exactRules.map { $0.name }
    let own = PassRegistry.builtIn.rules(for: .onnxRuntime).map { $0.name }
    #expect(own.contains("fuse-conv-activation") && !portable.contains { own.contains($0) })
  }

  @Test func namesAreUnique() {
    #expect(Set(passes.map { $0.name }).count == passes.count)
  }

  @Test(arguments: PassRegistry.builtIn.passes.map { DocumentedPass(type: $0) })
  func isDocumented(_ pass: DocumentedPass) {
    let keeps = pass.type.examples.filter { if case .unchanged = $0.expectation { true } else { false } }
      .count
    let rewrites = pass.type.examples.count - keeps
    #expect(!pass.type.summary.isEmpty)
    #expect(keeps > 0, "say what the pass leaves alone, and why")
    #expect(2 * keeps >= rewrites, "give more examples of what the pass leaves alone")
    if pass.type is any RewriteRule.Type { #expect(rewrites > 0, "show what the rule does") }
  }

  @Test(arguments: [Pipeline.exact.description, Pipeline.onnxRuntime.description])
  func pipelinesNamePassesThatExist(_ text: String) throws {
    try PassManager(registry: .builtIn).validate(Pipeline(parsing: text))
  }
}

struct DocumentedPass: Sendable, CustomTestStringConvertible {
  let type: any Pass.Type
  var testDescription: String { type.name }
}
