import GraphIR
import Rewriting
import TensorCore

/// Follows channels from the layers that make them to those that read them, along one axis of each value.
///
/// A channel is narrowed by slicing weights, so it may only pass through operators that keep channels apart. Where
/// one reaches anything else (another operator, a graph's output, a body, a node that has to stay), it is pinned.
struct ChannelFlow {
  let model: Model
  let keeping: Set<NodeID>
  var classes = ChannelClasses()
  /// The axis of each value whose channels are followed.
  private(set) var axes: [ValueID: ChannelAxis] = [:]
  /// The values of `axes`, in the order of the nodes that compute them.
  private(set) var followed: [ValueID] = []
  /// Output channels of layers with weights of their own: what is narrowed together belongs to one group.
  var products: [ChannelProduct] = []
  var consumers: [ChannelConsumer] = []
  var slices: [ChannelSlice] = []
  var attributes: [ChannelAttribute] = []

  init(of model: Model, keeping: Set<NodeID>) {
    self.model = model
    self.keeping = keeping
    for node in model.nodes(of: model.mainGraph) { visit(node) }
    for value in followed where isReadElsewhere(value) { pin(value) }
  }

  private mutating func visit(_ node: NodeID) {
    let op = model.operatorName(of: node)
    guard op.isStandard, !keeping.contains(node), model.bodies(of: node).isEmpty,
      let rule = Self.rules[op.name], (try? rule(&self, node)) == true
    else { return pinInputs(of: node) }
    guard !Self.joining.contains(op.name) else { return }
    for value in model.inputs(of: node).dropFirst() { if let value { pin(value) } }
  }

  /// Returns, or throws, where the operator's reading of channels is not understood. What a rule has recorded
  /// until then does no harm, since the channels are pinned.
  typealias Rule = @Sendable (inout ChannelFlow, NodeID) throws -> Bool

  /// Operators whose inputs may all have channels; of others it is the first alone.
  private static let joining = Set(broadcasting + ["Concat", "MatMul"] + RecurrentCell.gates.keys)

  private static let rules = layerRules.merging(elementwiseRules) { first, _ in first }
    .merging(shapeRules) { first, _ in first }.merging(recurrentRules) { first, _ in first }

  // MARK: What rules use

  /// The channels of the input at `index`, where they are followed.
  func axis(_ index: Int, of node: NodeID) -> ChannelAxis? {
    model.input(index, of: node).flatMap { axes[$0] }
  }

  /// - Returns: false where the value's declared type says something else.
  mutating func follow(_ value: ValueID?, _ axis: ChannelAxis) -> Bool {
    guard let value, axis.axis >= 0 else { return false }
    if let shape = model.shape(of: value) {
      guard axis.axis < shape.rank, !shape[axis.axis].contradicts(.fixed(axis.channels.count)) else {
        return false
      }
    }
    if axes.updateValue(axis, forKey: value) == nil { followed.append(value) }
    return true
  }

  /// The first output has the input's channels, along the same axis or another.
  mutating func pass(_ axis: ChannelAxis, to node: NodeID, along newAxis: Int? = nil) -> Bool {
    let others = model.outputs(of: node).dropFirst().filter { model.hasUses($0) }
    guard others.isEmpty else { return false }
    return follow(
      model.output(0, of: node), ChannelAxis(axis: newAxis ?? axis.axis, channels: axis.channels))
  }

  /// - Returns: false where there are not as many of each.
  mutating func unite(_ a: [Int32], _ b: [Int32]) -> Bool {
    guard a.count == b.count else { return false }
    for (first, second) in zip(a, b) { classes.unite(first, second) }
    return true
  }

  /// Lets a constant input go with the channels along `axis`.
  mutating func slice(_ index: Int, of node: NodeID, axis: Int, _ channels: [Int32]) -> Bool {
    guard let value = model.input(index, of: node), let tensor = model.constant(value),
      tensor.elementType.isFloatingPoint, tensor.dimensions.indices.contains(axis),
      tensor.dimensions[axis] == channels.count
    else { return false }
    slices.append(
      ChannelSlice(place: ParameterPlace(node: node, index: index), axis: axis, channels: channels))
    return true
  }

  mutating func pin(_ value: ValueID) {
    for channel in axes[value]?.channels ?? [] { classes.pin(channel) }
  }

  mutating func pinInputs(of node: NodeID) {
    for value in model.inputs(of: node) { if let value { pin(value) } }
  }

  private func isReadElsewhere(_ value: ValueID) -> Bool {
    model.uses(of: value).contains { use in
      model.isTerminator(use.user) || model.graph(of: use.user) != model.mainGraph
    }
  }
}

/// Channels along an axis of a value, one for each index. A class of channels may have several indices.
struct ChannelAxis: Sendable {
  /// From the front.
  var axis: Int
  var channels: [Int32]
}

/// An input slot that a constant is read from.
struct ParameterPlace: Hashable, Sendable {
  let node: NodeID
  let index: Int
}

/// A constant input with an axis of which indices go with their channels.
struct ChannelSlice: Sendable {
  let place: ParameterPlace
  let axis: Int
  let channels: [Int32]
}

/// The output channels of a layer.
struct ChannelProduct: Sendable {
  let node: NodeID
  let channels: [Int32]
}

/// A layer with constant weights that reads channels, and whose weights can be fitted anew for those that stay.
struct ChannelConsumer: Sendable {
  let node: NodeID
  let input: ValueID
  let axis: ChannelAxis
  /// The channels that it makes itself.
  let output: [Int32]
  /// Which product of a recurrent cell it is.
  var recurrence: RecurrentProduct?
}

/// An attribute or an input that states how many channels there are.
struct ChannelAttribute: Sendable {
  enum Kind: Sendable {
    /// `group` of a convolution that keeps groups apart: as many output channels belong to each.
    case group(channelsOfGroup: Int)
    /// The entry of a constant shape that `Reshape` reads.
    case shapeEntry(Int)
    /// The sizes of the parts of a `Split`.
    case parts([Int])
    /// `hidden_size` of a recurrent cell.
    case hiddenSize
  }

  let node: NodeID
  let kind: Kind
  /// Along the axis that the attribute tells the size of.
  let channels: [Int32]
}
