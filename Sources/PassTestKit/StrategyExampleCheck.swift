import Candidates
import Evaluation
import GraphAnalysis
import GraphIR
import ONNXFormat
import Search
import TensorCore

/// Checks that a strategy proposes for an example what the example says, and that outputs move no further.
///
/// In order: the graph is parsed, verified and run; the strategy proposes, from calibration data that is drawn; the
/// changes that the example takes are made, and the result is compared with the expected graph and, on other inputs,
/// with the outputs before. Then each proposed change is made alone, and all of them together: what they make must be
/// valid and run.
public struct StrategyExampleCheck {
  private let type: any Strategy.Type
  private let example: StrategyExample
  private let runtime: OnnxRuntime
  private var findings: [String] = []

  /// What is wrong, in words; empty if nothing is.
  public static func findings(
    for example: StrategyExample, of type: any Strategy.Type, _ runtime: OnnxRuntime
  ) -> [String] {
    var check = StrategyExampleCheck(type: type, example: example, runtime: runtime)
    do {
      try check.run()
    } catch {
      check.findings.append("\(error)")
    }
    return check.findings
  }

  private init(type: any Strategy.Type, example: StrategyExample, runtime: OnnxRuntime) {
    self.type = type
    self.example = example
    self.runtime = runtime
  }

  private mutating func run() throws {
    let proposed = try ProposedExample(example, of: type, evaluator: RuntimeConstantEvaluator(runtime))
    try Verifier.verify(proposed.before)
    let outputs = try OutputMovement(of: proposed, runtime)
    switch example.expectation {
    case .unchanged(let reason):
      guard !proposed.proposals.titles.isEmpty else { return }
      findings.append("must be kept, because \(reason), but \(proposed.proposals.titles) is proposed")
    case .becomes(let text, let choice, let loss):
      let result = try proposed.after(choice)
      try checkGraph(result, of: proposed, is: text)
      try check(outputs.movement(in: result), claimed: loss)
      try checkEveryChange(proposed, outputs)
    }
  }

  private mutating func checkGraph(_ result: Model, of proposed: ProposedExample, is text: String) throws {
    try Verifier.verify(result)
    let expected = try NamedModel(
      exampleResult: text, of: proposed.before.named(), given: example.given ?? type.given,
      opset: result.header.opset() ?? example.opset, file: example.file)
    if let difference = try GraphComparison.difference(of: result, from: expected, .fitted) {
      findings.append("becomes another graph than expected: \(difference)\n" + printed(result))
    }
  }

  private mutating func check(_ movement: Double, claimed: StrategyExample.Loss) {
    switch claimed {
    case .none:
      if movement > OutputMovement.rounding {
        findings.append("moves outputs by \(movement) of their variance, which is more than rounding")
      }
    case .atMost(let limit):
      if movement > limit {
        findings.append("moves outputs by \(movement) of their variance, not by \(limit)")
      }
      if movement < limit / 10 { findings.append("claims \(limit) where outputs move by \(movement)") }
    }
  }

  /// Each alone, then all together: as a search may take them. Candidates that no longer fit after others stay away.
  private mutating func checkEveryChange(_ proposed: ProposedExample, _ outputs: OutputMovement) throws {
    let titles = proposed.proposals.titles
    if Set(titles).count != titles.count { findings.append("titles are not unique: \(titles)") }
    for (index, title) in titles.enumerated() {
      checkRuns("'\(title)' alone", outputs) { try proposed.after(taking: [index]) }
    }
    checkRuns("all changes together", outputs) {
      guard case .candidates(let candidates) = proposed.proposals else {
        return try proposed.after(taking: Array(titles.indices))
      }
      return candidates.reduce(proposed.before) { model, candidate in
        var changed = model
        return (try? candidate.apply(to: &changed)) == nil ? model : changed
      }
    }
  }

  private mutating func checkRuns(_ name: String, _ outputs: OutputMovement, _ make: () throws -> Model) {
    do {
      var model = try make()
      try Verifier.verify(model)
      let problems = ShapeInference.run(on: &model)
      if !problems.isEmpty { findings.append("\(name): \(problems)") }
      _ = try outputs.movement(in: model)
    } catch {
      findings.append("\(name): \(error)")
    }
  }

  private func printed(_ model: Model) -> String { ModelPrinter().print(model.named()) }
}

/// How far the outputs of an example move, on inputs that the calibration has not seen.
struct OutputMovement {
  private let inputs: [String: Tensor]
  private let before: [Tensor]
  private let runtime: OnnxRuntime

  private static let samples = 256
  /// Of outputs that are the same in real numbers: a relative error of 10⁻⁵.
  static let rounding = 1e-10

  /// - Throws: where the example does not run, or gives what is no finite tensor.
  init(of proposed: ProposedExample, _ runtime: OnnxRuntime) throws {
    self.runtime = runtime
    inputs = try proposed.unseenInputs(samples: Self.samples)
    before = try Self.outputs(of: proposed.before, inputs, runtime)
  }

  /// The largest of the squared errors of outputs, relative to their variances. Labels and the like, which have none,
  /// count as infinitely far where they differ and nothing else does.
  ///
  /// - Throws: where the model does not run, or its outputs have other types or are not finite.
  func movement(in model: Model) throws -> Double {
    let after = try Self.outputs(of: model, inputs, runtime)
    guard after.map(\.type) == before.map(\.type) else {
      throw ModelError("outputs are \(after.map(\.type)) instead of \(before.map(\.type))")
    }
    let errors = try zip(before, after).filter { $0.0.elementType.isFloatingPoint }
      .map { try Self.relativeError(of: $1.doubles(), from: $0.doubles()) }
    let movement = errors.max() ?? 0
    let isSame = zip(before, after).allSatisfy { $0.elementType.isFloatingPoint || $0.isIdentical(to: $1) }
    return movement <= Self.rounding && !isSame ? .infinity : movement
  }

  private static func relativeError(of values: [Double], from others: [Double]) -> Double {
    let mean = others.reduce(0, +) / Double(max(others.count, 1))
    let variance = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = zip(values, others).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return error == 0 ? 0 : error / variance
  }

  private static func outputs(
    of model: Model, _ inputs: [String: Tensor], _ runtime: OnnxRuntime
  ) throws -> [Tensor] {
    let bytes = try ONNXFormat.encode(model.named(types: .none))
    let session = try runtime.makeSession(.bytes(bytes, name: "example"), .faithful)
    return try session.run(inputs).map { output in
      guard let tensor = output.tensor else { throw ModelError("an output is no tensor") }
      if tensor.elementType.isFloatingPoint, try !tensor.doubles().allSatisfy(\.isFinite) {
        throw ModelError("an output is not finite; give ranges")
      }
      return tensor
    }
  }
}
