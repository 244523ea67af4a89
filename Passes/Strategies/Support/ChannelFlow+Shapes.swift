import GraphIR
import Rewriting
import TensorCore

extension ChannelFlow {
  /// What moves elements about without mixing them.
  static let shapeRules: [String: Rule] = [
    "Concat": { try $0.visitConcat($1) },
    "Flatten": { flow, node in flow.visitReshape(node) },
    "Gather": { try $0.visitGather($1) },
    "Pad": { try $0.visitPad($1) },
    "ReduceMax": { try $0.visitReduction($1) },
    "ReduceMean": { try $0.visitReduction($1) },
    "ReduceMin": { try $0.visitReduction($1) },
    "ReduceSum": { try $0.visitReduction($1) },
    "Reshape": { flow, node in flow.visitReshape(node) },
    "Resize": { try $0.visitResize($1) },
    "Slice": { try $0.visitSlice($1) },
    "Split": { try $0.visitSplit($1) },
    "Squeeze": { flow, node in
      guard flow.axis(0, of: node) != nil else { return true }
      return flow.model.view(of: node).has("axes") && flow.visitReshape(node)
    },
    "Transpose": { try $0.visitTranspose($1) },
    "Unsqueeze": { flow, node in flow.visitReshape(node) },
  ]

  private func inputShape(_ node: NodeID) -> Shape? {
    model.input(0, of: node).flatMap { model.shape(of: $0) }
  }

  private mutating func visitTranspose(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    guard let rank = inputShape(node)?.rank else { return false }
    let permutation = try model.view(of: node).optionalInts("perm") ?? Array((0..<rank).reversed())
    guard permutation.sorted() == Array(0..<rank), let place = permutation.firstIndex(of: axis.axis) else {
      return false
    }
    return pass(axis, to: node, along: place)
  }

  private mutating func visitConcat(_ node: NodeID) throws -> Bool {
    let inputs = model.inputs(of: node).compactMap { $0 }
    guard inputs.contains(where: { axes[$0] != nil }) else { return true }
    guard let output = model.output(0, of: node), let shape = model.shape(of: output),
      let axis = try shape.normalizedAxis(model.view(of: node).int("axis"))
    else { return false }
    var channels: [Int32] = []
    for input in inputs {
      if let own = axes[input] {
        guard own.axis == axis else { return false }
        channels += own.channels
      } else {
        guard let size = model.shape(of: input)?.dimensions.dropFirst(axis).first?.fixedSize,
          let fixed = classes.add(size)
        else { return false }
        for channel in fixed { classes.pin(channel) }
        channels += fixed
      }
    }
    return follow(output, ChannelAxis(axis: axis, channels: channels))
  }

  private mutating func visitSplit(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    let outputs = model.outputs(of: node)
    guard let along = try inputShape(node)?.normalizedAxis(model.view(of: node).int("axis")),
      !outputs.contains(where: { model.isOmitted($0) })
    else { return false }
    guard along == axis.axis else { return outputs.reduce(true) { follow($1, axis) && $0 } }
    let sizes = outputs.compactMap { output -> Int? in
      guard let shape = model.shape(of: output), along < shape.rank else { return nil }
      return shape[along].fixedSize
    }
    guard sizes.count == outputs.count, sizes.allSatisfy({ $0 > 0 && $0 <= axis.channels.count }),
      sizes.reduce(0, +) == axis.channels.count
    else { return false }
    attributes.append(ChannelAttribute(node: node, kind: .parts(sizes), channels: axis.channels))
    var start = 0
    for (output, size) in zip(outputs, sizes) {
      let part = ChannelAxis(axis: along, channels: Array(axis.channels[start..<start + size]))
      guard follow(output, part) else { return false }
      start += size
    }
    return true
  }

  private mutating func visitGather(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return self.axis(1, of: node) == nil }
    guard let indices = model.input(1, of: node), axes[indices] == nil, let rank = ranks(of: [indices])?[0],
      let along = try inputShape(node)?.normalizedAxis(model.view(of: node).int("axis")), along != axis.axis
    else { return false }
    return pass(axis, to: node, along: along < axis.axis ? axis.axis - 1 + rank : axis.axis)
  }

  /// Along other axes.
  private mutating func visitSlice(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    let view = model.view(of: node)
    guard let rank = inputShape(node)?.rank else { return false }
    let axes = try view.optionalInts("axes") ?? Array(0..<view.ints("starts").count)
    guard axes.allSatisfy({ (-rank..<rank).contains($0) && ($0 + rank) % rank != axis.axis }) else {
      return false
    }
    return pass(axis, to: node)
  }

  private mutating func visitPad(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    let view = model.view(of: node)
    guard let rank = inputShape(node)?.rank, rank > 0 else { return false }
    let pads = try view.ints("pads")
    let axes = try view.optionalInts("axes") ?? Array(0..<rank)
    guard pads.count == 2 * axes.count, axes.allSatisfy({ (-rank..<rank).contains($0) }) else { return false }
    for (index, padded) in axes.enumerated() where (padded + rank) % rank == axis.axis {
      guard pads[index] == 0, pads[index + axes.count] == 0 else { return false }
    }
    return pass(axis, to: node)
  }

  private mutating func visitReduction(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    let view = model.view(of: node)
    guard let rank = inputShape(node)?.rank, rank > 0, let axes = try view.optionalInts("axes"),
      !axes.isEmpty,
      axes.allSatisfy({ (-rank..<rank).contains($0) })
    else { return false }
    let reduced = Set(axes.map { ($0 + rank) % rank })
    guard !reduced.contains(axis.axis) else { return false }
    let removed = try view.int("keepdims") != 0 ? 0 : reduced.count { $0 < axis.axis }
    return pass(axis, to: node, along: axis.axis - removed)
  }

  private mutating func visitResize(_ node: NodeID) throws -> Bool {
    guard let axis = axis(0, of: node) else { return true }
    let view = model.view(of: node)
    guard let scales = view.inputNamed("scales").flatMap({ model.constant($0) }),
      let factors = try? scales.doubles(), factors.indices.contains(axis.axis), factors[axis.axis] == 1,
      !view.has("axes"), try view.optionalString("coordinate_transformation_mode") != "tf_crop_and_resize"
    else { return false }
    return pass(axis, to: node)
  }
}
