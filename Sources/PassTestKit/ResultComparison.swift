import Evaluation
import GraphIR
import ONNXFormat
import PassPipeline
import TensorCore

/// Runs graphs on the same seeded inputs and compares what they give out.
struct ResultComparison {
  private let original: NamedModel
  private let exactness: Exactness
  private let allowsNonFinite: Bool
  private let runtime: OnnxRuntime
  /// Inputs that the original graph runs with.
  private var inputs: [[String: Tensor]] = []
  private var references: [[OutputValue]] = []

  init(_ original: NamedModel, exactness: Exactness, allowsNonFinite: Bool, runtime: OnnxRuntime) {
    self.original = original
    self.exactness = exactness
    self.allowsNonFinite = allowsNonFinite
    self.runtime = runtime
  }

  /// Runs the original graph; returns what is wrong with it as an example.
  ///
  /// It may refuse some sizes of its symbols, but has to run with two.
  mutating func run() -> [String] {
    do {
      let sets = try SeededInputs.sets(for: original.graph, includingNonFinite: allowsNonFinite)
      let session = try session(original)
      var refusal: (any Error)?
      for set in sets {
        do {
          references.append(try session.run(set.tensors))
          inputs.append(set.tensors)
        } catch {
          refusal = error
        }
      }
      if let refusal, inputs.count < 2 { return ["cannot be run: \(refusal)"] }
      return allowsNonFinite ? [] : nonFiniteOutputs(of: session)
    } catch {
      return ["cannot be run: \(error)"]
    }
  }

  /// Where `result` gives something else than the original graph.
  func differences(of result: NamedModel, from model: NamedModel) -> [String] {
    do {
      let session = try session(result)
      for (inputs, expected) in zip(inputs, references) {
        let differences = differences(of: try session.run(inputs), from: expected, session)
        if !differences.isEmpty { return differences.map { $0 + "\n" + ModelPrinter().print(result) } }
      }
      return []
    } catch {
      return ["the result cannot be run: \(error)\n\(ModelPrinter().print(result))"]
    }
  }

  /// Where `result` gives something else than the variant that it was made of.
  func differences(of result: NamedModel, in variant: Metamorphic) -> [String] {
    do {
      let before = try session(variant.model)
      let after = try session(result)
      for inputs in completed(variant) {
        let differences = differences(of: try after.run(inputs), from: try before.run(inputs), after)
        if !differences.isEmpty { return differences.map { $0 + "\n" + ModelPrinter().print(result) } }
      }
      return []
    } catch {
      return ["cannot be run: \(error)\n\(ModelPrinter().print(result))"]
    }
  }

  /// The inputs with those that only the variant has.
  private func completed(_ variant: Metamorphic) -> [[String: Tensor]] {
    variant.extraInputs.reduce(inputs) { sets, extra in
      sets.flatMap { set in extra.values.map { set.merging([extra.name: $0]) { $1 } } }
    }
  }

  private func session(_ model: NamedModel) throws -> OnnxSession {
    try runtime.makeSession(.bytes(try ONNXFormat.encode(model), name: model.graph.name), .faithful)
  }

  // MARK: Outputs

  private func nonFiniteOutputs(of session: OnnxSession) -> [String] {
    for outputs in references {
      for (output, value) in zip(session.outputs, outputs) {
        guard let tensor = value.tensor, let values = try? tensor.doubles(), !values.allSatisfy(\.isFinite)
        else { continue }
        return ["'\(output.name)' is not finite; give ranges, or say that the example is about it"]
      }
    }
    return []
  }

  private func differences(
    of outputs: [OutputValue], from expected: [OutputValue], _ session: OnnxSession
  ) -> [String] {
    zip(session.outputs, zip(outputs, expected)).compactMap { signature, pair in
      difference(of: pair.0, from: pair.1).map { "'\(signature.name)' \($0)" }
    }
  }

  private func difference(of output: OutputValue, from expected: OutputValue) -> String? {
    switch (output, expected) {
    case (.absent, .absent): return nil
    case (.tensor(let tensor), .tensor(let other)): return difference(of: tensor, from: other)
    case (.sequence(let elements), .sequence(let others)) where elements.count == others.count:
      return zip(elements, others).lazy.compactMap { difference(of: $0, from: $1) }.first
    case (.map(let keys, let values), .map(let otherKeys, let otherValues)):
      return difference(of: keys, from: otherKeys) ?? difference(of: values, from: otherValues)
    default: return "is a value of another kind"
    }
  }

  private func difference(of tensor: Tensor, from expected: Tensor) -> String? {
    if tensor.isIdentical(to: expected) { return nil }
    guard tensor.elementType == expected.elementType, tensor.dimensions == expected.dimensions else {
      return "is \(tensor.type) instead of \(expected.type)"
    }
    guard let values = try? tensor.doubles(), let others = try? expected.doubles() else {
      return "differs"
    }
    let tolerance = tolerance(for: expected.elementType, others)
    let worst = values.indices.first { !agree(values[$0], others[$0], within: tolerance) }
    return worst.map { "has \(values[$0]) instead of \(others[$0]) at element \($0) of \(tensor.type)" }
  }

  private func agree(_ value: Double, _ other: Double, within tolerance: Double) -> Bool {
    if value.bitPattern == other.bitPattern || (value.isNaN && other.isNaN) { return true }
    return exactness != .bitwise && (value == other || abs(value - other) <= tolerance)
  }

  /// A few units in the last place of the largest element, since sums lose what their largest term loses.
  private func tolerance(for type: ElementType, _ values: [Double]) -> Double {
    let largest = values.lazy.filter(\.isFinite).map(abs).max() ?? 0
    let relative: Double
    switch type {
    case .float64: relative = 0x1p-46
    case .float32: relative = 0x1p-18
    case .float16: relative = 0x1p-8
    case .bfloat16: relative = 0x1p-5
    default: return 0
    }
    return relative * max(1, largest)
  }
}
