import GraphIR
import LinearAlgebra
import Rewriting
import TensorCore

/// A layer that reads channels, as a matrix product: patches of the input times weights. A channel is a run of
/// columns, one for each element of the kernel.
struct ChannelLayer: Sendable {
  /// The second moments of so many columns take 42 MB, and a second to invert.
  static let mostColumns = 2304

  let node: NodeID
  let input: ValueID
  let channels: [Int32]
  /// Where the weights lie.
  let place: ParameterPlace
  /// Which rows of the stored weights they are; nil for all of them.
  let rows: Range<Int>?
  let elementType: ElementType
  /// Whether the weights lie in the model as [columns, outputs].
  let isInputMajor: Bool
  /// [outputs, columns]
  let weights: Matrix
  /// Elements of the kernel.
  let taps: Int
  /// Nil for matrix products, whose columns lie along the input's last axis.
  let window: ChannelWindow?
  /// Where the constant part of what goes is added; nil where the layer has no bias and can have none.
  let bias: Bias?

  struct Bias: Sendable {
    let place: ParameterPlace
    /// What the constant is multiplied by, relative to the product.
    let factor: Double
    /// Those of the whole constant, along its last axis.
    let channels: [Int32]
    /// Of the constant, where there has to be a new one.
    let dimensions: [Int]
    /// For each row of the weights, the element that is added to what it gives.
    let elements: [Int]
  }

  var columns: Int { weights.columns }
  var outputs: Int { weights.rows }

  /// The residual sum that alone reads the output: errors count against its variation.
  let sum: ValueID?
  /// Whether it reads its own output, and which rows of that.
  let states: RecurrentStates?
  /// Of samples in the input.
  let sampleAxis: Int

  /// Nil for weights that are too large or not finite, and attributes that do not fit.
  init?(_ consumer: ChannelConsumer, in flow: ChannelFlow) {
    let model = flow.model
    guard let tensor = model.input(1, of: consumer.node).flatMap({ model.constant($0) }), tensor.rank >= 2,
      let values = try? tensor.doubles()
    else { return nil }
    let view = model.view(of: consumer.node)
    let isConvolution = view.op.name == "Conv"
    let isOutputMajor = isConvolution || (view.op.name == "Gemm" && (try? view.int("transB")) != 0)
    let sizes = isOutputMajor ? tensor.dimensions : [tensor.dimensions[1], tensor.dimensions[0]]
    (elementType, isInputMajor) = (tensor.elementType, !isOutputMajor)
    taps = sizes.dropFirst(2).reduce(1, *)
    channels = consumer.axis.channels
    (place, rows) = (ParameterPlace(node: consumer.node, index: 1), nil)
    (states, sampleAxis) = (nil, 0)
    guard sizes[1] == channels.count, sizes[1] * taps <= Self.mostColumns, sizes[0] > 0 else { return nil }
    let stored = Matrix(rows: tensor.dimensions[0], columns: values.count / tensor.dimensions[0], values)
    weights = isOutputMajor ? stored : stored.transposed
    guard weights.isFinite else { return nil }
    if isConvolution {
      guard let window = ChannelWindow(view, kernel: Array(sizes.dropFirst(2))) else { return nil }
      self.window = window
    } else {
      window = nil
    }
    (node, input) = (consumer.node, consumer.input)
    sum = model.residualSum(after: consumer.node)
    bias = Self.bias(of: view, consumer.output, flow)
  }

  private static func bias(of view: NodeView, _ channels: [Int32], _ flow: ChannelFlow) -> Bias? {
    let (model, outputs) = (flow.model, channels.count)
    guard view.op.name != "MatMul" else { return addedBias(after: view.node, channels, flow) }
    let place = ParameterPlace(node: view.node, index: 2)
    var factor = 1.0
    if view.op.name == "Gemm" {
      guard let alpha = try? view.float("alpha"), let beta = try? view.float("beta"), beta != 0 else {
        return nil
      }
      factor = alpha / beta
    }
    let bias = Bias(place, of: channels, factor: factor)
    guard let value = model.input(2, of: view.node) else { return bias }
    guard let tensor = model.constant(value), tensor.elementCount == outputs,
      tensor.dimensions.last == outputs
    else { return nil }
    return bias
  }

  /// The constant of an `Add` that alone reads the product.
  private static func addedBias(after node: NodeID, _ channels: [Int32], _ flow: ChannelFlow) -> Bias? {
    let (model, outputs) = (flow.model, channels.count)
    guard let output = model.output(0, of: node), model.hasOneUse(output),
      let use = model.uses(of: output).first,
      !model.isTerminator(use.user), model.operatorName(of: use.user) == OperatorName("Add"),
      !flow.keeping.contains(use.user), let other = model.input(1 - use.index, of: use.user),
      let tensor = model.constant(other), tensor.elementCount == outputs, tensor.dimensions.last == outputs
    else { return nil }
    return Bias(ParameterPlace(node: use.user, index: 1 - use.index), of: channels)
  }
}

extension ChannelLayer.Bias {
  /// One number for each channel.
  init(_ place: ParameterPlace, of channels: [Int32], factor: Double = 1) {
    self.init(
      place: place, factor: factor, channels: channels, dimensions: [channels.count],
      elements: Array(channels.indices))
  }
}

/// The positions of a convolution's kernel.
struct ChannelWindow: Sendable {
  let kernel: [Int]
  private let strides: [Int]
  private let dilations: [Int]
  private let pads: [Int]
  private let padding: String
  private static let largestAttribute = 1 << 20

  init?(_ view: NodeView, kernel: [Int]) {
    let rank = kernel.count
    let ones = [Int](repeating: 1, count: rank)
    guard let strides = try? view.optionalInts("strides") ?? ones,
      let dilations = try? view.optionalInts("dilations") ?? ones,
      let pads = try? view.optionalInts("pads") ?? [Int](repeating: 0, count: 2 * rank),
      let padding = try? view.string("auto_pad"), strides.count == rank, dilations.count == rank,
      pads.count == 2 * rank, (strides + dilations).allSatisfy({ (1...Self.largestAttribute).contains($0) }),
      pads.allSatisfy({ (0...Self.largestAttribute).contains($0) }), rank > 0
    else { return nil }
    (self.kernel, self.strides, self.dilations, self.padding) = (kernel, strides, dilations, padding)
    self.pads = padding == "VALID" ? [Int](repeating: 0, count: 2 * rank) : pads
  }

  /// Of kernels with one element.
  init(pointwise strides: [Int]) {
    kernel = strides.map { _ in 1 }
    dilations = kernel
    self.strides = strides
    pads = [Int](repeating: 0, count: 2 * strides.count)
    padding = "NOTSET"
  }

  /// Along each axis of an input of these sizes: how many positions there are, and the element before the
  /// first, counted in padding.
  private func extent(_ sizes: [Int]) -> [(positions: Int, begin: Int)] {
    sizes.indices.map { axis in
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      guard padding.hasPrefix("SAME") else {
        let free = sizes[axis] + pads[axis] + pads[axis + kernel.count] - reach
        return (positions: free < 0 ? 0 : free / strides[axis] + 1, begin: pads[axis])
      }
      let positions = (sizes[axis] + strides[axis] - 1) / strides[axis]
      let total = max((positions - 1) * strides[axis] + reach - sizes[axis], 0)
      return (positions: positions, begin: padding == "SAME_LOWER" ? total - total / 2 : total / 2)
    }
  }

  /// Positions in one sample.
  func positionCount(_ sizes: [Int]) -> Int {
    sizes.count == kernel.count ? extent(sizes).reduce(1) { $0 * $1.positions } : 0
  }

  /// For each of the chosen positions, the offset in the plane of each element of the kernel; −1 in the padding.
  func offsets(of positions: [Int], in sizes: [Int]) -> [Int] {
    let extent = extent(sizes)
    let taps = kernel.reduce(1, *)
    var offsets: [Int] = []
    offsets.reserveCapacity(positions.count * taps)
    for position in positions {
      for tap in 0..<taps {
        var (rest, element, offset, scale, isInside) = (position, tap, 0, 1, true)
        for axis in sizes.indices.reversed() {
          let start = rest % extent[axis].positions * strides[axis] - extent[axis].begin
          let place = start + element % kernel[axis] * dilations[axis]
          isInside = isInside && place >= 0 && place < sizes[axis]
          offset += place * scale
          scale *= sizes[axis]
          rest /= extent[axis].positions
          element /= kernel[axis]
        }
        offsets.append(isInside ? offset : -1)
      }
    }
    return offsets
  }
}
