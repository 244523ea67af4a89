import Evaluation
import GraphAnalysis
import GraphIR
import PassPipeline
import Rewriting

/// Checks that a pass does to an example what the example says, and that results stay what they were.
///
/// In order: the graph is parsed, verified and its shapes are inferred; the pass runs; the result is verified
/// and compared with the expected graph, up to names and order; the pass runs again and must find nothing
/// left; both graphs run in ONNX Runtime, its own optimizations off, on seeded inputs. Then the same for the
/// graph in other surroundings (`Metamorphic`), where only the results are compared.
public struct ExampleCheck {
  private let type: any Pass.Type
  private let example: Example
  private let runtime: OnnxRuntime
  private var findings: [String] = []

  /// What is wrong, in words; empty if nothing is.
  public static func findings(for example: Example, of type: any Pass.Type, _ runtime: OnnxRuntime)
    -> [String]
  {
    var check = ExampleCheck(type: type, example: example, runtime: runtime)
    do {
      try check.run()
    } catch {
      check.findings.append("\(error)")
    }
    return check.findings
  }

  private init(type: any Pass.Type, example: Example, runtime: OnnxRuntime) {
    self.type = type
    self.example = example
    self.runtime = runtime
  }

  private mutating func run() throws {
    let given = example.given ?? type.given
    let before = try NamedModel(
      example: example.graph, given: given, opset: example.opset,
      outputs: example.outputs, file: example.file)
    let model = try prepared(before)
    let result = try transformed(model)
    try checkGraph(result, before: model, named: before, given: given)
    try checkNothingIsLeft(in: result)
    guard example.execution != .skipped, findings.isEmpty else { return }
    var comparison = ResultComparison(
      before, exactness: type.exactness, allowsNonFinite: example.execution == .allowsNonFinite,
      runtime: runtime)
    findings += comparison.run()
    if result.edition != model.edition {
      findings += comparison.differences(of: result.named(), from: before)
    }
    guard findings.isEmpty else { return }
    try checkSurroundings(before, comparison)
  }

  // MARK: Structure

  private func prepared(_ named: NamedModel) throws -> Model {
    var model = try Model(named)
    try Verifier.verify(model)
    ShapeInference.run(on: &model)
    return model
  }

  private func transformed(_ model: Model) throws -> Model {
    var model = model
    var context = PassContext(evaluator: RuntimeConstantEvaluator(runtime))
    try type.init().run(on: &model, in: &context)
    if let failure = context.failures.first { throw ModelError("the rule fails at \(failure.message)") }
    try Verifier.verify(model)
    return model
  }

  private mutating func checkGraph(
    _ result: Model, before: Model, named: NamedModel, given: String
  ) throws {
    switch example.expectation {
    case .unchanged(let reason):
      guard result.edition != before.edition else { return }
      if let difference = GraphComparison.difference(of: result, from: before) {
        report("must be kept, because \(reason), but \(difference)", result)
      }
    case .becomes(let text):
      let expected = try NamedModel(
        exampleResult: text, of: named, given: given, opset: example.opset,
        outputs: example.outputs, file: example.file)
      if let difference = try GraphComparison.difference(of: result, from: expected) {
        report("becomes another graph than expected: \(difference)", result)
      }
    }
  }

  private mutating func checkNothingIsLeft(in result: Model) throws {
    var settled = result
    ShapeInference.run(on: &settled)
    let again = try transformed(settled)
    if again.edition != settled.edition { report("applied again, the pass still changes something", again) }
  }

  private mutating func report(_ finding: String, _ model: Model) {
    findings.append("\(finding)\n\(ModelPrinter().print(model.named()))")
  }

  // MARK: Surroundings

  private mutating func checkSurroundings(_ before: NamedModel, _ comparison: ResultComparison) throws {
    for variant in Metamorphic.variants(of: before) {
      do {
        let model = try prepared(variant.model)
        let result = try transformed(model)
        guard result.edition != model.edition else { continue }
        let differences = comparison.differences(of: result.named(), in: variant)
        findings += differences.map { "\(variant.name): \($0)" }
      } catch {
        findings.append("\(variant.name): \(error)")
      }
    }
  }
}
