import Kernels
import TensorCore

extension MetricChoice {
  /// The metric of this name, of the first output that it can measure.
  static func named(_ name: MetricName, _ outputs: [Output], _ labels: Tensor?, ignoring ignored: Int?) throws
    -> Metric
  {
    guard name.usesLabels else {
      let kind = labelFree(name)
      guard let output = outputs.first(where: { canCompare($0.values, kind) }) else {
        throw DatasetError("\(name.name) can measure no output: \(shown(outputs))")
      }
      return Metric(kind, output: output.name)
    }
    guard let labels else { throw DatasetError("\(name.name) needs labels, and the data holds none") }
    for output in outputs {
      guard let kind = try kind(of: name, output.values, labels) else { continue }
      return Metric(kind, output: output.name, ignoredLabel: ignored)
    }
    throw DatasetError(
      "\(labels.type) and \(name.name) fit no output: \(shown(outputs))", array: "labels")
  }

  private static func labelFree(_ name: MetricName) -> Metric.Kind {
    switch name {
    case .cosineSimilarity: .cosineSimilarity
    case .relativeError: .relativeError
    default: .agreement
    }
  }

  private static func canCompare(_ output: Tensor, _ kind: Metric.Kind) -> Bool {
    if output.elementType.isComplex { return false }
    guard kind == .agreement else { return output.elementType.isFloatingPoint }
    return !output.elementType.isFloatingPoint || (output.rank >= 2 && output.dimensions[1] >= 2)
  }

  /// Nil where the output does not fit.
  private static func kind(of name: MetricName, _ output: Tensor, _ labels: Tensor) throws -> Metric.Kind? {
    let areClasses = !labels.elementType.isFloatingPoint && !labels.elementType.isComplex
    let areLabels = areClasses && isLabelOutput(output, labels)
    let classes = areClasses ? classCount(output, labels) : 0
    let threshold = threshold(output, labels)
    switch name {
    case .accuracy:
      if areLabels { return .labelAccuracy }
      return classes > 1 ? .topAccuracy(k: 1) : threshold.map { .thresholdAccuracy(threshold: $0) }
    case .topAccuracy(let k):
      guard classes <= k, classes > 1 else { return classes > k ? .topAccuracy(k: k) : nil }
      throw DatasetError("\(name.name) of \(classes) classes is always right: ask for fewer")
    case .macroF1:
      return areLabels || classes > 1 ? .macroF1(threshold: nil) : threshold.map { .macroF1(threshold: $0) }
    case .meanIoU: return areLabels || classes > 1 ? .meanIoU : nil
    case .rSquared: return areNumbers(output, labels) ? .rSquared : nil
    case .meanSquaredError: return areNumbers(output, labels) ? .meanSquaredError : nil
    case .agreement, .cosineSimilarity, .relativeError: return nil
    }
  }

  /// 0 where the output holds no scores of classes, one decision for each label.
  private static func classCount(_ output: Tensor, _ labels: Tensor) -> Int {
    guard output.elementType.isFloatingPoint, labels.elementType.numericFormat != nil else { return 0 }
    return ScoreLayout(scores: output.dimensions, labels: labels.dimensions)?.classes ?? 0
  }

  private static func areNumbers(_ output: Tensor, _ labels: Tensor) -> Bool {
    output.elementType.isFloatingPoint && labels.elementType.numericFormat != nil
      && output.elementCount == labels.elementCount
  }
}
