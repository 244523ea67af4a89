import Kernels
import TensorCore

/// What the score of a single sample refers to: facts of all samples that the original was measured on.
public struct MetricPopulation: Sendable {
  /// Of the labels, for R².
  let variance: Double
  let classes: ClassIndex?
  /// A metric of class totals as a mean over samples, around the original's totals.
  let linear: LinearizedRatio?

  /// - Parameters:
  ///   - output: of the original, [samples, …].
  ///   - reference: labels or the original's output for the same samples (`Metric.usesLabels`).
  /// - Throws: `DatasetError` where they do not fit, or where the labels are all the same.
  public init(_ metric: Metric, output: Tensor, reference: Tensor) throws {
    variance = metric.kind == .rSquared ? try Self.variance(of: reference) : 0
    guard let ratio = metric.classRatio else {
      (classes, linear) = (nil, nil)
      return
    }
    let classes = try ClassIndex(of: reference, ignoring: metric.ignoredLabel)
    self.classes = classes
    let counts = try metric.counts(of: output, against: reference, in: classes).counts
    linear = counts.totals().linearized(ratio, samples: counts.samples)
  }

  private static func variance(of labels: Tensor) throws -> Double {
    let length = labels.elementCount / max(labels.dimensions.first ?? 1, 1)
    let variance = length > 0 ? spread(try labels.doubles(), rowLength: length).variance : 0
    guard variance > 0 else {
      throw DatasetError("are all the same: R² says nothing", array: "labels")
    }
    return variance
  }
}

/// The classes that occur among some labels, numbers or text, in ascending order.
struct ClassIndex: Sendable {
  private enum Content: Sendable {
    case numbers(ClassNumbers)
    case text([ByteString: Int])
  }

  private let content: Content

  init(of labels: Tensor, ignoring ignored: Int?) throws {
    guard let text = labels.storage.strings else {
      content = .numbers(ClassNumbers(occurringIn: try labels.integers(), ignoring: ignored))
      return
    }
    let sorted = Set(text).sorted { $0.description < $1.description }
    content = .text(Dictionary(uniqueKeysWithValues: zip(sorted, 0...)))
  }

  var count: Int {
    switch content {
    case .numbers(let classes): classes.numbers.count
    case .text(let classes): classes.count
    }
  }

  /// The place of each element, −1 where it is none of the classes.
  func places(of values: Tensor) throws -> [Int] {
    switch content {
    case .numbers(let classes): return classes.places(of: try values.integers())
    case .text(let classes):
      guard let text = values.storage.strings else { throw DatasetError("numbers are no text") }
      return text.map { classes[$0] ?? -1 }
    }
  }

  /// The place of each class that a model numbers so.
  func places(of numbers: [Int]) throws -> [Int] {
    guard case .numbers(let classes) = content else { throw DatasetError("numbers are no text") }
    return classes.places(of: numbers)
  }
}
