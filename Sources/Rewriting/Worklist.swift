import GraphIR

/// First in, first out; a node is in it once.
struct Worklist {
  private var queue: [NodeID] = []
  private var head = 0
  /// Which nodes are in it, by their handles.
  private var isMember: [Bool] = []

  var count: Int { queue.count - head }

  mutating func push(_ node: NodeID) {
    if node.index >= isMember.count {
      let size = max(node.index + 1, 2 * isMember.count)
      isMember += repeatElement(false, count: size - isMember.count)
    }
    guard !isMember[node.index] else { return }
    isMember[node.index] = true
    queue.append(node)
  }

  mutating func pop() -> NodeID? {
    guard head < queue.count else { return nil }
    let node = queue[head]
    head += 1
    if head > 4096, head * 2 > queue.count {
      queue.removeFirst(head)
      head = 0
    }
    isMember[node.index] = false
    return node
  }
}
