import Candidates
import GraphAnalysis
import GraphIR

/// What a model saves when groups are narrowed.
struct ChannelCosts {
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
      // Weights come second.
      if place.index == 1, case let macs = costs.macs(of: place.node), macs > 0 {
        layers.append(Layer(macs: macs, axes: axes))
      }
    }
  }

  /// - Parameter removed: units of each group.
  func saving(_ removed: [Int]) -> Saving {
    func share(_ axes: [Axis]) -> Double {
      axes.reduce(1) { share, axis in
        let gone = axis.indices.reduce(0) { $0 + removed[$1.group] * $1.ofUnit }
        return share * Double(max(axis.length - gone, 0)) / Double(max(axis.length, 1))
      }
    }
    let gone = (
      parameters: parameters.reduce(0) { $0 + Double($1.elements) * (1 - share($1.axes)) },
      macs: layers.reduce(0) { $0 + Double($1.macs) * (1 - share($1.axes)) }
    )
    return Saving(parameters: Int(min(gone.parameters, 1e18)), macs: Int(min(gone.macs, 1e18)))
  }

  /// The share of the model's work and size, half and half.
  func gain(_ saving: Saving) -> Double {
    0.5 * Double(saving.macs) / totalMACs + 0.5 * Double(saving.parameters) / totalParameters
  }
}

extension Saving {
  static func - (a: Saving, b: Saving) -> Saving {
    Saving(nodes: a.nodes - b.nodes, parameters: a.parameters - b.parameters, macs: a.macs - b.macs)
  }
}
