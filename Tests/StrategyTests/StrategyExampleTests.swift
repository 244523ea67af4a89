import Candidates
import Evaluation
import PassPipeline
import PassTestKit
import Passes
import Testing

/// Every example of every strategy in `Passes/Strategies/`: see `StrategyExampleCheck` for what is checked.
@Suite struct StrategyExampleTests {
  @Test(arguments: ArgumentExample.all) func holds(_ argument: ArgumentExample) throws {
    let runtime = try OnnxRuntime.load()
    for finding in StrategyExampleCheck.findings(for: argument.example, of: argument.type, runtime) {
      Issue.record("\(argument.testDescription): \(finding)", sourceLocation: argument.location)
    }
  }

  @Test(arguments: StrategyRegistry.builtIn.names) func showsWhatItDoesAndWhatItLeavesAlone(_ name: String)
    throws
  {
    let type = try #require(StrategyRegistry.builtIn[name])
    let keeps = type.examples.count { if case .unchanged = $0.expectation { true } else { false } }
    #expect(PassRegistry.builtIn[name] == nil, "a pass has this name")
    #expect(keeps > 0, "say what the strategy leaves alone, and why")
    #expect(type.examples.count > keeps, "show what the strategy does")
    #expect(Set(type.examples.map(\.name)).count == type.examples.count, "call each example differently")
  }
}

struct ArgumentExample: Sendable, CustomTestStringConvertible {
  let type: any Strategy.Type
  let example: StrategyExample

  static let all = StrategyRegistry.builtIn.strategies.flatMap { type in
    type.examples.map { ArgumentExample(type: type, example: $0) }
  }

  var testDescription: String { "\(type.name): \(example.name)" }

  var location: SourceLocation {
    let name = example.file.split(separator: "/").last.map(String.init) ?? example.file
    return SourceLocation(fileID: "Passes/\(name)", filePath: example.file, line: example.line, column: 1)
  }
}
