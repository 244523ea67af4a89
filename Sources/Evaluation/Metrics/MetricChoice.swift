import Kernels
import TensorCore

/// Which metric decides, found from what the original puts out and the labels that there are.
///
/// The rule, each time for the first output that fits, in the model's order, or for the one that is named:
/// 1. Labels that are integers, booleans or text, and an output of such a kind with as many elements: accuracy.
/// 2. Such labels, and real scores [N, C, …] or [N, …, C] with C ≥ 2: top-1 accuracy.
/// 3. Labels 0 and 1, and one real score a sample: accuracy at the threshold 0.5, or 0 where the original's
///    scores leave 0…1.
/// 4. Labels that are numbers, and as many real outputs: R².
/// 5. No labels, and scores [N, C] with C ≥ 2, or an output of integers, booleans or text: agreement with the
///    original.
/// 6. No labels, and real outputs: relative error.
public struct MetricChoice: Hashable, Sendable {
  /// Decides.
  public var metric: Metric
  /// Measured besides, for the report.
  public var others: [Metric]

  /// An output of the original, [samples, …].
  public typealias Output = (name: String, values: Tensor)

  /// - Parameters:
  ///   - labels: of the samples that the outputs are for.
  ///   - everyLabel: of all samples, for messages; `labels` where it is nil.
  ///   - request: what the user named.
  /// - Throws: `DatasetError` where no output fits.
  public init(
    outputs: [Output], labels: Tensor?, everyLabel: Tensor? = nil, request: MetricRequest = MetricRequest()
  ) throws {
    let candidates = outputs.filter { request.output == nil || $0.name == request.output }
    guard !candidates.isEmpty else {
      let names = outputs.map { "'\($0.name)'" }.joined(separator: ", ")
      throw DatasetError("the model has no output '\(request.output ?? "")', its outputs are \(names)")
    }
    if let name = request.name {
      metric = try Self.named(name, candidates, labels, ignoring: request.ignoredLabel)
      others = []
    } else if let labels {
      metric = try Self.labelled(candidates, labels, every: everyLabel ?? labels)
      others = []
    } else {
      let found = candidates.lazy.compactMap { Self.labelFree($0) }
      guard let first = found.first else { throw DatasetError("no output holds numbers, labels or text") }
      let errors = candidates.first { $0.values.elementType.isFloatingPoint }
        .map { Metric(.relativeError, output: $0.name) }
      metric = first
      others = errors.map { $0 == first ? [] : [$0] } ?? []
    }
  }

  private static func labelled(_ outputs: [Output], _ labels: Tensor, every: Tensor) throws -> Metric {
    let isWhole = !labels.elementType.isFloatingPoint
    if isWhole {
      if let output = outputs.first(where: { isLabelOutput($0.values, labels) }) {
        return Metric(.labelAccuracy, output: output.name)
      }
      if let output = try outputs.first(where: { try isScoreOutput($0.values, labels) }) {
        return Metric(.topAccuracy(k: 1), output: output.name)
      }
    }
    let numbers = outputs.first {
      $0.values.elementType.isFloatingPoint && $0.values.elementCount == labels.elementCount
    }
    guard let numbers, labels.elementType.numericFormat != nil else {
      try outputs.compactMap { output in
        ScoreLayout(scores: output.values.dimensions, labels: labels.dimensions).map { (output.name, $0) }
      }.first.map { try every.requireBelow($1.classes, of: $0) }
      throw DatasetError("the labels, \(labels.type), fit no output: \(shown(outputs))", array: "labels")
    }
    if let threshold = threshold(numbers.values, labels) {
      return Metric(.thresholdAccuracy(threshold: threshold), output: numbers.name)
    }
    return Metric(.rSquared, output: numbers.name)
  }

  static func shown(_ outputs: [Output]) -> String {
    outputs.map { "'\($0.name)' \($0.values.type)" }.joined(separator: ", ")
  }

  /// Above which one score means the class 1; nil where the labels are not 0 and 1, one for each score.
  static func threshold(_ scores: Tensor, _ labels: Tensor) -> Double? {
    guard scores.elementType.isFloatingPoint, scores.elementCount == labels.elementCount,
      !labels.elementType.isFloatingPoint, let numbers = try? labels.integers(),
      numbers.allSatisfy({ $0 == 0 || $0 == 1 }), let values = try? scores.doubles()
    else { return nil }
    return values.allSatisfy { $0 >= 0 && $0 <= 1 } ? 0.5 : 0
  }

  static func isLabelOutput(_ values: Tensor, _ labels: Tensor) -> Bool {
    guard values.elementCount == labels.elementCount, !values.elementType.isFloatingPoint else {
      return false
    }
    return (values.elementType == .string) == (labels.elementType == .string)
  }

  private static func isScoreOutput(_ values: Tensor, _ labels: Tensor) throws -> Bool {
    guard values.elementType.isFloatingPoint, labels.elementType.numericFormat != nil,
      let layout = ScoreLayout(scores: values.dimensions, labels: labels.dimensions), layout.classes >= 2
    else { return false }
    return try labels.integers().allSatisfy { $0 < layout.classes }
  }

  private static func labelFree(_ output: Output) -> Metric? {
    let type = output.values.elementType
    if type.isFloatingPoint {
      let isClassifier = output.values.rank == 2 && output.values.dimensions[1] >= 2
      return Metric(isClassifier ? .agreement : .relativeError, output: output.name)
    }
    return type.isComplex ? nil : Metric(.agreement, output: output.name)
  }
}

extension Tensor {
  /// Whether samples hardly differ: agreement on such an output proves nothing. Over the samples, the
  /// standard deviation is below a thousandth of the magnitude; for other types than real numbers, all
  /// samples are the same.
  public var isNearlyConstant: Bool {
    guard let samples = dimensions.first, samples > 1, elementCount > 0 else { return true }
    let length = elementCount / samples
    if let strings = storage.strings { return Set(strings.chunks(of: length)).count == 1 }
    guard let values = try? doubles() else { return false }
    let spread = spread(values.map { $0.isFinite ? $0 : 0 }, rowLength: length)
    return spread.variance <= 1e-6 * spread.meanSquare
  }

  /// The samples that hold a NaN or an infinity.
  public var samplesNotFinite: [Int] {
    guard let samples = dimensions.first, samples > 0, let values = try? doubles() else { return [] }
    let isNonFinite = nonFiniteRows(values, rowLength: max(1, values.count / samples))
    return isNonFinite.indices.filter { isNonFinite[$0] && $0 < samples }
  }

  /// Whether every sample leads to the same decision: the class with the highest score, or the label.
  public var hasOneDecision: Bool {
    guard elementType.isFloatingPoint, rank == 2, let values = try? doubles() else { return isNearlyConstant }
    let layout = ScoreLayout(samples: dimensions[0], outer: 1, classes: dimensions[1], inner: 1)
    return Set(highestClasses(values, layout)).count <= 1
  }
}

extension Array {
  fileprivate func chunks(of length: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: Swift.max(1, length)).map { self[$0..<Swift.min($0 + length, count)] }
  }
}
