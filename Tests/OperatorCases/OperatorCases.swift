import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import ONNXFormat
import PassPipeline
import Passes

/// What check.py asks of the workbench: the types that inference gives every value of a model, and the model
/// after the exact pipeline.
///
///     operator-cases rules         the operators that inference has a rule for, a line each
///     operator-cases check LIST    LIST has a line `MODEL<tab>RESULT<tab>N=3<tab>M=4` for each model
///
/// `check` prints a line of JSON for each model, and writes the optimized one where RESULT is not empty. Symbols of
/// sizes have the values given.
@main struct OperatorCases {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch arguments.first {
      case "rules" where arguments.count == 1:
        for op in ShapeInference.coveredOperators { print(op) }
      case "check" where arguments.count == 2:
        try check(list: arguments[1])
      default:
        print("usage: operator-cases rules | operator-cases check LIST")
        exit(2)
      }
    } catch {
      print("operator-cases: \(error)")
      exit(2)
    }
  }

  private static func check(list: String) throws {
    let encoder = JSONEncoder()
    let evaluator = RuntimeConstantEvaluator(try OnnxRuntime.load())
    for line in try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n") {
      let report = autoreleased { ModelCase(line: String(line)).report(evaluator) }
      FileHandle.standardOutput.write(try encoder.encode(report) + Data("\n".utf8))
    }
  }

  /// Elsewhere than on Linux, Foundation's temporary objects go with each model.
  private static func autoreleased<Result>(_ body: () -> Result) -> Result {
    #if canImport(ObjectiveC)
      autoreleasepool(invoking: body)
    #else
      body()
    #endif
  }
}
