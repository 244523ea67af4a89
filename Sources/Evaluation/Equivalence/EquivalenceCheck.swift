import Kernels
import PassPipeline
import TensorCore

/// Runs two models on the same inputs, as they are written (the engine's own optimizations disabled), and
/// compares what they put out.
public struct EquivalenceCheck: Sendable {
  /// What the models may differ by: `approximate` is compared as `rounding` is.
  public var exactness: Exactness
  /// Operations that rounding errors pass through, one after the other: errors grow with its root.
  public var depth: Int

  public init(_ exactness: Exactness = .rounding, depth: Int = 16) {
    self.exactness = exactness
    self.depth = depth
  }

  /// Runs both models in this process, on each of `inputs`.
  public func compare(
    _ original: SessionSource, _ changed: SessionSource, on inputs: [[String: Tensor]],
    runtime: some Runtime
  ) throws -> EquivalenceReport {
    let sessions = try (
      original: runtime.makeSession(original, .faithful), changed: runtime.makeSession(changed, .faithful)
    )
    var report = EquivalenceReport()
    let names = sessions.original.outputs.map(\.name)
    for set in inputs {
      let expected = try sessions.original.run(set, outputs: names)
      let found = try sessions.changed.run(set, outputs: names)
      report.add(try compare(found, with: expected, names: names))
    }
    return report
  }

  /// The same in a worker, for models that might bring the engine down. Outputs must be tensors, or
  /// sequences of maps from classes to scores.
  public func compare(
    _ original: SessionSource, _ changed: SessionSource, on inputs: [[String: Tensor]],
    client: EvaluationClient
  ) throws -> EquivalenceReport {
    let sessions = try (
      original: client.session(original, .faithful), changed: client.session(changed, .faithful)
    )
    var report = EquivalenceReport()
    let names = sessions.original.outputs.map(\.name)
    for set in inputs {
      let expected = try client.run(sessions.original, set, outputs: names).outputs
      let found = try client.run(sessions.changed, set, outputs: names).outputs
      report.add(
        try compare(found.map(OutputValue.tensor), with: expected.map(OutputValue.tensor), names: names))
    }
    return report
  }

  func compare(
    _ found: [OutputValue], with expected: [OutputValue], names: [String]
  ) throws -> [OutputComparison] {
    try names.indices.flatMap { try compare(found[$0], with: expected[$0], name: names[$0]) }
  }

  private func compare(
    _ found: OutputValue, with expected: OutputValue, name: String
  ) throws -> [OutputComparison] {
    switch (found, expected) {
    case (.tensor(let found), .tensor(let expected)):
      return [try compare(found, with: expected, name: name)]
    case (.sequence(let found), .sequence(let expected)) where found.count == expected.count:
      return try found.indices.flatMap { index in
        try compare(found[index], with: expected[index], name: "\(name)[\(index)]")
      }
    case (.map(let keys, let values), .map(let otherKeys, let otherValues)):
      return try [
        compare(keys, with: otherKeys, name: "\(name).keys"),
        compare(values, with: otherValues, name: "\(name).values"),
      ]
    case (.absent, .absent): return []
    default: return [OutputComparison(name: name, difference: "is another kind of value")]
    }
  }

  func compare(_ found: Tensor, with expected: Tensor, name: String) throws -> OutputComparison {
    guard found.elementType == expected.elementType, found.dimensions == expected.dimensions else {
      let difference = "is \(found.type), the original's is \(expected.type)"
      return OutputComparison(name: name, difference: difference)
    }
    guard found.elementType.numericFormat != nil else {
      let isSame = found.isIdentical(to: expected)
      return OutputComparison(name: name, difference: isSame ? nil : "holds other values")
    }
    if found.isIdentical(to: expected), !expected.elementType.isFloatingPoint {
      return OutputComparison(name: name)
    }
    let reference = try expected.doubles()
    let tolerance = tolerance(of: expected.elementType)
    let numbers = compareNumbers(
      try found.doubles(), reference, relative: tolerance, absolute: tolerance * largestMagnitude(reference))
    return OutputComparison(name: name, numbers, relativeTolerance: tolerance)
  }

  /// The relative tolerance: a multiple of the type's spacing at 1, growing with the root of the depth; the
  /// absolute one is the same part of the output's largest magnitude, since sums cancel. 0 for what has to
  /// be exact.
  func tolerance(of type: ElementType) -> Double {
    guard exactness != .bitwise else { return 0 }
    let root = Double(max(1, depth)).squareRoot()
    switch type {
    case .float64: return 64 * 0x1p-52 * root
    case .float32: return 64 * 0x1p-23 * root
    case .float16: return 4 * 0x1p-10 * root
    case .bfloat16: return 2 * 0x1p-7 * root
    case _ where type.isFloat8OrSmaller: return 0.25
    default: return 0
    }
  }
}

/// How one output of two models differs.
public struct OutputComparison: Hashable, Sendable {
  public var name: String
  /// What is different in kind; nil where values were compared.
  public var difference: String?
  public var maximumAbsoluteError = 0.0
  public var maximumRelativeError = 0.0
  /// Elements beyond the tolerance.
  public var mismatches = 0
  /// In row-major order.
  public var firstMismatch: Int?
  /// Whether the original puts out NaN or infinity, which hides differences.
  public var hasNonFiniteReference = false
  public var relativeTolerance = 0.0

  init(name: String, difference: String? = nil) {
    self.name = name
    self.difference = difference
  }

  init(name: String, _ numbers: NumberComparison, relativeTolerance: Double) {
    self.name = name
    maximumAbsoluteError = numbers.maximumAbsoluteError
    maximumRelativeError = numbers.maximumRelativeError
    mismatches = numbers.mismatches
    firstMismatch = numbers.firstMismatch
    hasNonFiniteReference = numbers.hasNonFiniteReference
    self.relativeTolerance = relativeTolerance
  }

  public var isEqual: Bool { difference == nil && mismatches == 0 }
}

extension OutputComparison: CustomStringConvertible {
  public var description: String {
    if let difference { return "the output '\(name)' \(difference)" }
    guard mismatches > 0 else {
      return "the output '\(name)' is equal (largest error \(maximumAbsoluteError))"
    }
    return "the output '\(name)' differs in \(mismatches) elements, first at \(firstMismatch ?? 0): largest "
      + "error \(maximumAbsoluteError), relative \(maximumRelativeError), allowed \(relativeTolerance)"
  }
}

/// The result of an `EquivalenceCheck`: for each output, the worst that any of the inputs gave.
public struct EquivalenceReport: Hashable, Sendable {
  public private(set) var outputs: [OutputComparison] = []

  public init() {}

  public var isEquivalent: Bool { outputs.allSatisfy(\.isEqual) }

  /// Whether an output of the original holds NaN or infinity.
  public var hasNonFiniteReference: Bool { outputs.contains(where: \.hasNonFiniteReference) }

  /// The output that differs most: one that differs in kind, else by the number of mismatches, else by error.
  public var worst: OutputComparison? { outputs.max { Self.isLess($0, $1) } }

  mutating func add(_ comparisons: [OutputComparison]) {
    for comparison in comparisons {
      guard let index = outputs.firstIndex(where: { $0.name == comparison.name }) else {
        outputs.append(comparison)
        continue
      }
      let isNonFinite = outputs[index].hasNonFiniteReference || comparison.hasNonFiniteReference
      if Self.isLess(outputs[index], comparison) { outputs[index] = comparison }
      outputs[index].hasNonFiniteReference = isNonFinite
    }
  }

  private static func isLess(_ a: OutputComparison, _ b: OutputComparison) -> Bool {
    if (a.difference != nil) != (b.difference != nil) { return b.difference != nil }
    if a.mismatches != b.mismatches { return a.mismatches < b.mismatches }
    return a.maximumAbsoluteError < b.maximumAbsoluteError
  }
}

extension EquivalenceReport: CustomStringConvertible {
  public var description: String { outputs.map(\.description).joined(separator: "\n") }
}
