import Kernels
import TensorCore

extension Metric {
  /// Labels that are no class of the scores count as wrong for every model, which hides what they were meant for.
  /// - Parameters:
  ///   - labels: of all samples.
  ///   - some: of those samples that `output` is for.
  /// - Throws: `DatasetError` that names the first.
  public func requireClasses(_ labels: Tensor, _ some: Tensor, of output: Tensor) throws {
    guard case .topAccuracy = kind,
      let layout = ScoreLayout(scores: output.dimensions, labels: some.dimensions)
    else { return }
    try labels.requireBelow(layout.classes, of: self.output)
  }
}

extension Tensor {
  /// Whether a set of labels can serve, in words for people; nil where it can.
  public func caution(for metric: Metric) -> String? {
    guard metric.usesLabels, elementCount > 1 else { return nil }
    if let text = storage.strings {
      return text.allSatisfy { $0 == text[0] } ? sameLabels("'\(text[0])'", metric) : nil
    }
    guard !elementType.isFloatingPoint, let labels = try? integers(), let first = labels.first else {
      return nil
    }
    if labels.allSatisfy({ $0 == first }) { return sameLabels("\(first)", metric) }
    let negative = labels.count { $0 < 0 }
    guard case .topAccuracy = metric.kind, negative > 0 else { return nil }
    return "\(negative) of \(labels.count) labels are negative: they are no class, and count as wrong"
  }

  private func sameLabels(_ label: String, _ metric: Metric) -> String {
    "all labels are \(label): \(metric.name) says nothing of other classes"
  }

  /// - Parameter output: whose scores have so many classes.
  func requireBelow(_ classes: Int, of output: String) throws {
    let labels = try integers()
    guard let wrong = labels.first(where: { $0 >= classes }) else { return }
    throw DatasetError(
      "the label \(wrong) is no class: the output '\(output)' has the classes 0 to "
        + "\(classes - 1)", array: "labels")
  }
}
