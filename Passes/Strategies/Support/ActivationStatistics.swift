import Candidates
import GraphIR
import Kernels
import TensorCore

/// What values hold on calibration data, as far as quantizing them needs.
struct ActivationStatistics: Sendable {
  struct Entry: Sendable {
    var summary = NumberSummary()
    /// Of each channel of the input of a convolution or a product of matrices.
    fileprivate(set) var channelMeans: [Double] = []
    fileprivate(set) var parameters = ByteParameters(scale: 1, zeroPoint: 0)
  }

  private var entries: [ValueID: Entry] = [:]

  /// - Parameters:
  ///   - values: any, also several times.
  ///   - observe: gets the values of each batch, so that others can learn from the same run.
  init(
    of values: [ValueID], in model: Model, samples: Int, _ activations: any ActivationSource,
    observe: ([ValueID: Tensor]) throws -> Void = { _ in }
  ) throws {
    let distinct = Set(values).sorted()
    var entries = distinct.map { _ in Entry() }
    let axes = distinct.map { Self.channelAxis(of: $0, in: model) }
    try activations.forEachBatch(of: distinct, samples: samples) { tensors in
      for (index, tensor) in tensors.enumerated() where tensor.elementType == .float32 {
        try entries[index].add(tensor, channelAxis: axes[index])
      }
      try observe(Dictionary(zip(distinct, tensors)) { first, _ in first })
    }
    for (value, var entry) in zip(distinct, entries) {
      entry.finish()
      self.entries[value] = entry
    }
  }

  /// Of a value that was observed.
  subscript(value: ValueID) -> Entry { entries[value] ?? Entry() }

  /// Whether it was seen, and always held numbers.
  func isUsable(_ value: ValueID) -> Bool {
    guard let summary = entries[value]?.summary else { return false }
    return summary.count > 0 && summary.isFinite
  }

  /// Behind the samples for images and the like, else the last one.
  private static func channelAxis(of value: ValueID, in model: Model) -> Int? {
    let isConvolved = model.users(of: value).contains { model.operatorName(of: $0).name == "Conv" }
    return isConvolved ? 1 : nil
  }
}

extension ActivationStatistics.Entry {
  fileprivate mutating func add(_ tensor: Tensor, channelAxis: Int?) throws {
    // What is empty can have any number of channels.
    guard tensor.elementCount > 0 else { return }
    let axis = channelAxis ?? tensor.rank - 1
    let channels = tensor.dimensions.indices.contains(axis) ? tensor.dimensions[axis] : 0
    if channelMeans.count != channels { channelMeans = [Double](repeating: 0, count: channels) }
    let inner = tensor.dimensions.dropFirst(axis + 1).reduce(1, *)
    let values = try tensor.elements(as: Float.self)
    values.withUnsafeBufferPointer { values in
      summary.add(values)
      addChannelSums(of: values, channels: channels, inner: inner, to: &channelMeans)
    }
  }

  fileprivate mutating func finish() {
    let perChannel = Double(summary.count) / Double(max(channelMeans.count, 1))
    if perChannel > 0 { channelMeans = channelMeans.map { $0 / perChannel } }
    parameters = ByteParameters(fitting: summary)
  }
}
