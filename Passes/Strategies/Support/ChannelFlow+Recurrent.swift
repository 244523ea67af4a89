import GraphIR
import TensorCore

extension ChannelFlow {
  static let recurrentRules: [String: Rule] = {
    var rules: [String: Rule] = [:]
    for name in RecurrentCell.gates.keys { rules[name] = { flow, node in flow.visitRecurrentCell(node) } }
    return rules
  }()

  /// Hidden units: the same number of both directions, the forward unit of an index with the backward one.
  private mutating func visitRecurrentCell(_ node: NodeID) -> Bool {
    guard let cell = RecurrentCell(node, in: model), readsUnderstood(node),
      let units = classes.add(cell.hidden)
    else { return false }
    let input = model.input(RecurrentCell.Slot.input, of: node).flatMap { value in
      axes[value].map { (value: value, axis: $0) }
    }
    guard slicesParameters(of: cell, units), joinsStates(of: cell, units), followsOutputs(of: cell, units),
      input.map({ slice(RecurrentCell.Slot.weights, of: node, axis: 2, $0.axis.channels) }) ?? true
    else {
      for unit in units { classes.pin(unit) }
      return false
    }
    attributes.append(ChannelAttribute(node: node, kind: .hiddenSize, channels: units))
    products.append(ChannelProduct(node: node, channels: units))
    if let input {
      consumers.append(
        ChannelConsumer(
          node: node, input: input.value, axis: input.axis, output: units, recurrence: cell.inputProduct))
    }
    // It reads what it gives, even where that output is left out.
    let states = ChannelAxis(axis: 3, channels: units)
    for product in cell.recurrentProducts {
      consumers.append(
        ChannelConsumer(
          node: node, input: model.outputs(of: node)[0], axis: states, output: units, recurrence: product))
    }
    return true
  }

  /// Channels may come along the columns of the input, and as first states.
  private func readsUnderstood(_ node: NodeID) -> Bool {
    guard !model.outputs(of: node).isEmpty else { return false }
    return model.inputs(of: node).enumerated().allSatisfy { index, value in
      guard let axis = value.flatMap({ axes[$0] }) else { return true }
      switch index {
      case RecurrentCell.Slot.input, RecurrentCell.Slot.state, RecurrentCell.Slot.cell: return axis.axis == 2
      default: return false
      }
    }
  }

  /// All gates of a unit.
  private mutating func slicesParameters(of cell: RecurrentCell, _ units: [Int32]) -> Bool {
    let rows = repeated(units, cell.gates)
    guard slice(RecurrentCell.Slot.weights, of: cell.node, axis: 1, rows),
      slice(RecurrentCell.Slot.recurrence, of: cell.node, axis: 1, rows),
      slice(RecurrentCell.Slot.recurrence, of: cell.node, axis: 2, units)
    else { return false }
    let vectors = [(RecurrentCell.Slot.bias, 2 * cell.gates), (RecurrentCell.Slot.peepholes, 3)]
    return vectors.allSatisfy { index, count in
      guard let value = model.input(index, of: cell.node) else { return true }
      let channels = repeated(units, count)
      return model.constant(value)?.dimensions == [cell.directions, channels.count]
        && slice(index, of: cell.node, axis: 1, channels)
    }
  }

  private func repeated(_ units: [Int32], _ count: Int) -> [Int32] {
    [[Int32]](repeating: units, count: count).flatMap { $0 }
  }

  /// First states are constant, or have channels themselves: those of another cell's last states.
  private mutating func joinsStates(of cell: RecurrentCell, _ units: [Int32]) -> Bool {
    [RecurrentCell.Slot.state, RecurrentCell.Slot.cell].allSatisfy { index in
      guard let value = model.input(index, of: cell.node) else { return true }
      if let axis = axes[value] { return unite(axis.channels, units) }
      return slice(index, of: cell.node, axis: 2, units) && model.constant(value)?.rank == 3
    }
  }

  /// Y [sequence, directions, batch, hidden], and the last states [directions, batch, hidden].
  private mutating func followsOutputs(of cell: RecurrentCell, _ units: [Int32]) -> Bool {
    model.outputs(of: cell.node).enumerated().allSatisfy { index, value in
      model.isOmitted(value) || follow(value, ChannelAxis(axis: index == 0 ? 3 : 2, channels: units))
    }
  }
}
