import Candidates
import GraphAnalysis
import GraphIR

/// What a model saves when groups are narrowed.
struct ChannelCosts {
  /// Kernels of runtimes compute so many channels at once on processors with vectors of 512 bits: ONNX Runtime's
  /// convolution of 32 channels takes as long with 20, and half as long with 16.
  private static let blockSize = 16

  private let totalParameters: Double
  private let totalMACs: Double
  private var parameters: [Parameter] = []
  private var layers: [Layer] = []

  /// A constant and along which axes it is narrowed.
  private struct Parameter {
    let elements: Int
    let axes: [Axis]
  }

  private struct Layer {
    let macs: Int
    let axes: [Axis]
  }

  private struct Axis {
    let length: Int
    /// How many of its indices go with one unit of each group.
    let indices: [(group: Int, ofUnit: Int)]
  }

  init(_ groups: ChannelGroups, _ flow: ChannelFlow) {
    let costs = CostModel(flow.model)
    totalParameters = Double(max(costs.parameters, 1))
    totalMACs = Double(max(costs.macs, 1))
    var groupOf: [Int32: Int] = [:]
    for (index, group) in groups.groups.enumerated() { for unit in group.units { groupOf[unit] = index } }
    var axesOf: [ParameterPlace: [Axis]] = [:]
    var places: [ParameterPlace] = []
    for slice in flow.slices {
      var counts = [Int](repeating: 0, count: groups.groups.count)
      for channel in slice.channels {
        if let group = groupOf[groups.classOf[Int(channel)]] { counts[group] += 1 }
      }
      let indices = counts.indices.filter { counts[$0] > 0 }.map {
        (group: $0, ofUnit: counts[$0] / groups.groups[$0].units.count)
      }
      if axesOf[slice.place] == nil { places.append(slice.place) }
      axesOf[slice.place, default: []].append(Axis(length: slice.channels.count, indices: indices))
    }
    for place in places {
      let axes = axesOf[place] ?? []
      guard let elements = flow.model.input(place.index, of: place.node).flatMap({ flow.model.constant($0) })
      else {
        continue
      }
      parameters.append(Parameter(elements: elements.elementCount, axes: axes))
      if case let macs = Self.macs(costs, place, elements.elementCount, flow.model), macs > 0 {
        layers.append(Layer(macs: macs, axes: axes))
      }
    }
  }

  /// Of the products with these weights.
  private static func macs(_ costs: CostModel, _ place: ParameterPlace, _ elements: Int, _ model: Model)
    -> Int
  {
    guard model.operatorName(of: place.node).isRecurrent else {
      // Weights come second.
      return place.index == 1 ? costs.macs(of: place.node) : 0
    }
    let all = (1...2).map { slot in
      model.input(slot, of: place.node).flatMap { model.constant($0)?.elementCount } ?? 0
    }
    guard (1...2).contains(place.index) else { return 0 }
    return Int(Double(costs.macs(of: place.node)) * Double(elements) / Double(max(all[0] + all[1], 1)))
  }

  /// - Parameter removed: units of each group.
  func saving(_ removed: [Int]) -> Saving {
    let parameters = Int(min(savedParameters(removed), 1e18))
    return Saving(
      parameters: parameters, bytes: parameters * MemoryLayout<Float>.size,
      macs: Int(min(savedMACs(removed, blockSize: 1), 1e18)))
  }

  /// The share of the model's size and of its time, half and half, as far as work tells the time.
  func gain(_ removed: [Int]) -> Double {
    0.5 * savedMACs(removed, blockSize: Self.blockSize) / totalMACs
      + 0.5 * savedParameters(removed) / totalParameters
  }

  private func savedParameters(_ removed: [Int]) -> Double {
    parameters.reduce(0) { $0 + Double($1.elements) * (1 - share($1.axes, removed, blockSize: 1)) }
  }

  private func savedMACs(_ removed: [Int], blockSize: Int) -> Double {
    layers.reduce(0) { $0 + Double($1.macs) * (1 - share($1.axes, removed, blockSize: blockSize)) }
  }

  /// What is left of an array, in whole blocks.
  private func share(_ axes: [Axis], _ removed: [Int], blockSize: Int) -> Double {
    func blocks(_ length: Int) -> Double { Double((max(length, 1) + blockSize - 1) / blockSize) }
    return axes.reduce(1) { share, axis in
      let gone = axis.indices.reduce(0) { $0 + removed[$1.group] * $1.ofUnit }
      return share * blocks(axis.length - gone) / blocks(axis.length)
    }
  }
}

extension Saving {
  static func - (a: Saving, b: Saving) -> Saving {
    Saving(
      nodes: a.nodes - b.nodes, parameters: a.parameters - b.parameters, bytes: a.bytes - b.bytes,
      macs: a.macs - b.macs)
  }
}
