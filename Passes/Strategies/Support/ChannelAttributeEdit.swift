import GraphIR
import TensorCore

/// A node's statement of how many channels there are, made true again.
struct ChannelAttributeEdit {
  private enum Change {
    case attributes([Attribute])
    case input(Int, Tensor)
  }

  private let node: NodeID
  private let change: Change

  /// Nil where it is still true.
  /// - Throws: `ModelError` where the node has changed.
  init?(_ stated: ChannelAttribute, _ isGone: [Bool], in model: Model) throws {
    let kept = stated.channels.count { !isGone[Int($0)] }
    guard kept < stated.channels.count else { return nil }
    guard !model.isErased(stated.node) else { throw ModelError("needs a node that is gone") }
    node = stated.node
    switch stated.kind {
    case .group(let channelsOfGroup):
      change = .attributes(
        model.attributes(of: node, setting: "group", to: .int(Int64(kept / channelsOfGroup))))
    case .hiddenSize:
      change = .attributes(model.attributes(of: node, setting: "hidden_size", to: .int(Int64(kept))))
    case .shapeEntry(let index):
      guard var entries = try model.input(1, of: node).flatMap({ model.constant($0) })?.integers(),
        entries.indices.contains(index)
      else { throw ModelError("needs a constant shape") }
      entries[index] = kept
      change = .input(1, try Tensor(int64: entries))
    case .parts(let sizes):
      var start = 0
      let parts = sizes.map { size in
        defer { start += size }
        return stated.channels[start..<start + size].count { !isGone[Int($0)] }
      }
      if model.opset("", in: model.mainGraph) ?? 0 >= 13 {
        change = .input(1, try Tensor(int64: parts))
      } else {
        change = .attributes(model.attributes(of: node, setting: "split", to: .ints(parts.map(Int64.init))))
      }
    }
  }

  func write(_ rewriter: inout Rewriter) {
    switch change {
    case .attributes(let attributes): rewriter.setAttributes(of: node, to: attributes)
    case .input(let index, let tensor):
      rewriter.setConstant(at: index, of: node, to: tensor)
      // The sizes are given now.
      let rest = rewriter.model.attributes(of: node).filter { $0.name != "num_outputs" }
      if rest.count < rewriter.model.attributes(of: node).count { rewriter.setAttributes(of: node, to: rest) }
    }
  }
}

extension Model {
  fileprivate func attributes(of node: NodeID, setting name: String, to value: AttributeValue) -> [Attribute]
  {
    attributes(of: node).filter { $0.name != name } + [Attribute(name, value)]
  }
}
