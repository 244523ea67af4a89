import Evaluation
import PassPipeline
import PassTestKit
import Passes
import Rewriting
import Testing

/// Every example of every pass in `Passes/`: see `ExampleCheck` for what is checked.
@Suite struct ExampleTests {
  @Test(arguments: PassExample.all) func holds(_ argument: PassExample) throws {
    let runtime = try OnnxRuntime.load()
    for finding in ExampleCheck.findings(for: argument.example, of: argument.type, runtime) {
      Issue.record("\(argument.type.name): \(finding)", sourceLocation: argument.location)
    }
  }
}

struct PassExample: Sendable, CustomTestStringConvertible {
  let type: any Pass.Type
  let example: Example

  static let all = PassRegistry.builtIn.passes.flatMap { type in
    type.examples.map { PassExample(type: type, example: $0) }
  }

  var testDescription: String { "\(type.name): \(example.graph)" }

  var location: SourceLocation {
    let name = example.file.split(separator: "/").last.map(String.init) ?? example.file
    return SourceLocation(fileID: "Passes/\(name)", filePath: example.file, line: example.line, column: 1)
  }
}
