import GraphIR
import Kernels
import LinearAlgebra
import TensorCore

/// Takes channels out of a model.
struct ChannelNarrowing: Sendable {
  private let classOf: [Int32]
  private let slices: [ChannelSlice]
  private let attributes: [ChannelAttribute]
  private let axes: [(value: ValueID, axis: ChannelAxis)]
  private let covariances: [ChannelCovariance]

  init(_ plan: ChannelPlan) {
    classOf = plan.groups.classOf
    slices = plan.flow.slices
    attributes = plan.flow.attributes
    axes = plan.flow.followed.compactMap { value in plan.flow.axes[value].map { (value, $0) } }
    covariances = plan.covariances.sorted { $0.key < $1.key }.map(\.value)
  }

  /// - Parameters:
  ///   - removed: classes of channels.
  ///   - model: the one that the channels were found in.
  /// - Throws: `ModelError` or `TensorError`, before the first edit, where it is another one.
  func apply(removing removed: Set<Int32>, to model: inout Model) throws {
    let isGone = classOf.map { removed.contains($0) }
    var parameters = ChannelParameters(model: model)
    for covariance in covariances { try fit(covariance, isGone, &parameters) }
    for slice in slices + newBiases(in: model, parameters) {
      let kept = slice.channels.indices.filter { !isGone[Int(slice.channels[$0])] }
      guard kept.count < slice.channels.count else { continue }
      try parameters.change(slice.place) { try $0.keeping(kept, along: slice.axis) }
    }
    let edits = try attributes.compactMap { try ChannelAttributeEdit($0, isGone, in: model) }
    let types = axes.compactMap { type(of: $0.value, $0.axis, isGone, in: model) }
    parameters.releaseModel()
    model.edit(as: ChannelPruning.name) { rewriter in
      parameters.write(&rewriter)
      for edit in edits { edit.write(&rewriter) }
      for (value, type) in types { rewriter.setType(of: value, to: type) }
    }
  }

  /// Biases that layers had none of.
  private func newBiases(in model: Model, _ parameters: ChannelParameters) -> [ChannelSlice] {
    var places: Set<ParameterPlace> = []
    return covariances.compactMap { covariance in
      guard let bias = covariance.layer.bias, parameters.isChanged(bias.place),
        model.input(bias.place.index, of: bias.place.node) == nil, places.insert(bias.place).inserted
      else { return nil }
      return ChannelSlice(place: bias.place, axis: bias.dimensions.count - 1, channels: bias.channels)
    }
  }

  /// Gives a layer the weights that make up for what goes.
  private func fit(_ covariance: ChannelCovariance, _ isGone: [Bool], _ parameters: inout ChannelParameters)
    throws
  {
    let layer = covariance.layer
    let kept = covariance.columns { !isGone[Int($0)] }
    guard kept.count < layer.columns else { return }
    guard !kept.isEmpty, let fitted = try covariance.fitted(to: kept) else {
      throw ModelError("the weights cannot be fitted")
    }
    try parameters.change(layer.place) { weights in
      let values = layer.isInputMajor ? fitted.weights.transposed.values : fitted.weights.values
      return try weights.replacingRows(layer.rows, of: layer.columns, with: values)
    }
    guard let bias = layer.bias else { return }
    let zeros = [Double](repeating: 0, count: bias.dimensions.reduce(1, *))
    try parameters.change(
      bias.place, default: Tensor(layer.elementType, rounding: zeros, bias.dimensions)
    ) {
      var values = try $0.doubles()
      for (element, offset) in zip(bias.elements, fitted.offset) {
        guard values.indices.contains(element) else { throw ModelError("needs a bias that has changed") }
        values[element] += offset * bias.factor
      }
      return try Tensor($0.elementType, rounding: values, $0.dimensions)
    }
  }

  /// The narrower type; nil where it stays.
  private func type(of value: ValueID, _ axis: ChannelAxis, _ isGone: [Bool], in model: Model) -> (
    ValueID, ValueType
  )? {
    let kept = axis.channels.count { !isGone[Int($0)] }
    guard kept < axis.channels.count, var type = model.type(of: value)?.tensorType, var shape = type.shape,
      axis.axis < shape.rank
    else { return nil }
    shape[axis.axis] = .fixed(kept)
    type.shape = shape
    return (value, .tensor(type))
  }
}

extension Tensor {
  /// Weights with other numbers in some of their rows, or in all of them.
  fileprivate func replacingRows(_ rows: Range<Int>?, of columns: Int, with values: [Double]) throws -> Tensor
  {
    guard let rows else { return try Tensor(elementType, rounding: values, dimensions) }
    var all = try doubles()
    guard rows.upperBound * columns <= all.count, values.count == rows.count * columns else {
      throw ModelError("needs weights that have changed")
    }
    all.replaceSubrange(rows.lowerBound * columns..<rows.upperBound * columns, with: values)
    return try Tensor(elementType, rounding: all, dimensions)
  }
}
