import Kernels
import TensorCore

extension Metric {
  /// Labels that are no class of the scores count as wrong for every model, which hides what they were meant for; and
  /// where all labels are the same, a model that always says so is perfect.
  /// - Parameters:
  ///   - labels: of all samples.
  ///   - some: of those samples that `output` is for.
  /// - Throws: `DatasetError` that names the first wrong one.
  public func requireClasses(_ labels: Tensor, _ some: Tensor, of output: Tensor) throws {
    guard isOverClasses else { return }
    try labels.requireTwoClasses(for: self)
    guard output.elementType.isFloatingPoint,
      let layout = ScoreLayout(scores: output.dimensions, labels: some.dimensions), layout.classes > 1
    else { return }
    try labels.requireBelow(layout.classes, of: self.output, ignoring: ignoredLabel)
  }
}

extension Tensor {
  /// What to know of a set of labels, in words for people; nil for nothing.
  public func caution(for metric: Metric) -> String? {
    guard case .topAccuracy = metric.kind, !elementType.isFloatingPoint, let labels = try? integers() else {
      return nil
    }
    let negative = labels.count { $0 < 0 }
    return negative == 0
      ? nil : "\(negative) of \(labels.count) labels are negative: they are no class, and count as wrong"
  }

  /// - Throws: `DatasetError` where all labels are the same, those left out that do not count.
  fileprivate func requireTwoClasses(for metric: Metric) throws {
    let only: String
    if let text = storage.strings {
      guard let first = text.first, text.allSatisfy({ $0 == first }) else { return }
      only = "'\(first)'"
    } else {
      let classes = ClassNumbers(occurringIn: try integers(), ignoring: metric.ignoredLabel).numbers
      guard classes.count < 2 else { return }
      only = classes.first.map { "\($0)" } ?? "ignored"
    }
    throw DatasetError(
      "all are \(only): \(metric.name) needs samples of two classes at least", array: "labels")
  }

  /// - Parameter output: whose scores have so many classes.
  func requireBelow(_ classes: Int, of output: String, ignoring ignored: Int? = nil) throws {
    let labels = try integers()
    guard let index = labels.firstIndex(where: { $0 >= classes && $0 != ignored }) else { return }
    let length = max(1, elementCount / max(dimensions.first ?? 1, 1))
    throw DatasetError(
      "row \(index / length): the label \(labels[index]) is no class: the output '\(output)' has the classes 0 to "
        + "\(classes - 1)", array: "labels")
  }
}
