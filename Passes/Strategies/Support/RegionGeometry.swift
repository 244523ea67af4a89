import GraphAnalysis
import GraphIR
import LinearAlgebra
import TensorCore

/// Along which axis the channels of a value lie, and how many there are.
struct ChannelLayout: Hashable, Sendable {
  let rank: Int
  /// 1 for images and the like, or the last.
  let axis: Int
  let count: Int

  /// Wider values have second moments that take too long to gather.
  static let mostChannels = 2048

  /// Nil for values that are not float32, or whose channels are not a known number.
  /// - Parameter isChannelsFirst: whether channels come second where there are more than two axes.
  init?(of value: ValueID, isChannelsFirst: Bool, in model: Model) {
    guard let type = model.type(of: value)?.tensorType, type.elementType == .float32, let shape = type.shape,
      shape.rank >= 2
    else { return nil }
    rank = shape.rank
    axis = isChannelsFirst ? 1 : rank - 1
    guard let count = shape[axis].fixedSize, (1...Self.mostChannels).contains(count) else { return nil }
    self.count = count
  }

  var isChannelsFirst: Bool { axis == 1 && rank > 2 }

  /// Numbers of a constant, one for each channel, that is combined with the value: [channels, 1, …] or [channels].
  var sizes: [Int] { [count] + [Int](repeating: 1, count: rank - 1 - axis) }

  /// - Parameter strides: between positions that are looked at; nil for every one.
  func sampling(rowsOfSample: Int, strides: [Int]? = nil) -> RowSampling {
    let all = [Int](repeating: 1, count: max(rank - 2, 0))
    return RowSampling(
      channels: count, window: isChannelsFirst ? ChannelWindow(pointwise: strides ?? all) : nil,
      rowsOfSample: rowsOfSample)
  }
}

extension Model {
  /// Whether some of the nodes take channels along the second axis.
  func haveChannelsFirst(_ nodes: [NodeID]) -> Bool {
    nodes.contains { node in
      let op = operatorName(of: node)
      return op.isStandard && (op.name.hasSuffix("Pool") || Self.channelsFirst.contains(op.name))
    }
  }

  private static let channelsFirst: Set = [
    "BatchNormalization", "Conv", "ConvTranspose", "GroupNormalization", "InstanceNormalization",
  ]
}

/// Which positions of a region's entry and exit belong together, so that one can be a linear map of the other.
struct RegionGeometry: Sendable {
  let entry: ChannelLayout
  let exit: ChannelLayout
  /// Along each axis behind the channels; empty where channels come last.
  let strides: [Int]

  /// Nil where shapes are not known, or no map from position to position leads from one to the other.
  init?(of region: Region, in model: Model) {
    let isChannelsFirst =
      model.shape(of: region.entry)?.rank ?? 0 > 2 && model.haveChannelsFirst(region.nodes)
    guard let entry = ChannelLayout(of: region.entry, isChannelsFirst: isChannelsFirst, in: model),
      let exit = ChannelLayout(of: region.exit, isChannelsFirst: isChannelsFirst, in: model),
      entry.rank == exit.rank, let from = model.shape(of: region.entry)?.dimensions,
      let to = model.shape(of: region.exit)?.dimensions
    else { return nil }
    let strides = from.indices.filter { $0 != entry.axis }.map { Self.stride(from: from[$0], to: to[$0]) }
    guard strides.first == 1, strides.allSatisfy({ $0 != nil }) else { return nil }
    guard isChannelsFirst || strides.allSatisfy({ $0 == 1 }) else { return nil }
    (self.entry, self.exit) = (entry, exit)
    self.strides = isChannelsFirst ? strides.dropFirst().compactMap { $0 } : []
  }

  private static func stride(from: Dimension, to: Dimension) -> Int? {
    if from.isKnownEqual(to: to) { return 1 }
    guard let from = from.fixedSize, let to = to.fixedSize, to > 0, from > to, from % to == 0 else {
      return nil
    }
    return from / to
  }

  /// Whether each channel of the exit can be one of the entry, scaled and shifted.
  var isPreserving: Bool { entry == exit && strides.allSatisfy { $0 == 1 } }
}
