import GraphIR
import LinearAlgebra
import TensorCore

extension ChannelLayer {
  /// A product of a recurrent cell. What of it is constant goes into the cell's bias.
  ///
  /// Nil for weights that are too large or not finite.
  init?(_ consumer: ChannelConsumer, _ product: RecurrentProduct, in flow: ChannelFlow) {
    let (model, columns) = (flow.model, consumer.axis.channels.count)
    guard let tensor = model.input(product.place.index, of: consumer.node).flatMap({ model.constant($0) }),
      let values = try? tensor.doubles(), (1...Self.mostColumns).contains(columns),
      product.rows.upperBound <= values.count / columns, !product.rows.isEmpty
    else { return nil }
    weights = Matrix(rows: values.count / columns, columns: columns, values).rows(product.rows)
    guard weights.isFinite else { return nil }
    (node, input, channels) = (consumer.node, consumer.input, consumer.axis.channels)
    (place, rows, states) = (product.place, product.rows, product.states)
    sampleAxis = product.states == nil ? 1 : 2
    (elementType, isInputMajor, taps, window, sum) = (tensor.elementType, false, 1, nil, nil)
    bias = product.bias.map { elements in
      let blocks = product.biasDimensions[1] / max(consumer.output.count, 1)
      return Bias(
        place: product.biasPlace, factor: 1,
        channels: (0..<blocks).flatMap { _ in consumer.output }, dimensions: product.biasDimensions,
        elements: elements)
    }
  }
}
