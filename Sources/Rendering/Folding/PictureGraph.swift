/// The edges of a picture by node, in compressed rows, with an order in which they point forward (but for
/// those that close a cycle, which a merged diff can have). Edges from one repetition to the next are left out.
struct PictureGraph {
  let count: Int
  private let successorStarts: [Int]
  private let successorList: [Int]
  private let predecessorStarts: [Int]
  private let predecessorList: [Int]
  private let nextEdges: [(tail: Int, head: Int)]
  let order: [Int]
  /// The place of each node in `order`.
  let positions: [Int]

  init(_ picture: GraphPicture) {
    count = picture.nodes.count
    let edges = picture.edges.filter { $0.kind != .next }
    nextEdges = picture.edges.filter { $0.kind == .next }.map { ($0.tail, $0.head) }
    (successorStarts, successorList) = Self.rows(edges.map { ($0.tail, $0.head) }, count)
    (predecessorStarts, predecessorList) = Self.rows(edges.map { ($0.head, $0.tail) }, count)
    order = Self.sort(count, successorStarts, successorList)
    var positions = [Int](repeating: 0, count: count)
    for (position, node) in order.enumerated() { positions[node] = position }
    self.positions = positions
  }

  func successors(of node: Int) -> ArraySlice<Int> {
    successorList[successorStarts[node]..<successorStarts[node + 1]]
  }

  func predecessors(of node: Int) -> ArraySlice<Int> {
    predecessorList[predecessorStarts[node]..<predecessorStarts[node + 1]]
  }

  /// Predecessors that stand earlier in `order`.
  func earlierPredecessors(of node: Int) -> [Int] {
    predecessors(of: node).filter { positions[$0] < positions[node] }
  }

  /// The rank of each node, about as `dot` gives them: under all its predecessors, but a node without any
  /// stands just above its first reader. Edges that close no cycle lead to a higher level.
  var levels: [Int] {
    var levels = [Int](repeating: 0, count: count)
    for node in order {
      levels[node] = earlierPredecessors(of: node).map { levels[$0] + 1 }.max() ?? 0
    }
    for node in 0..<count where predecessors(of: node).isEmpty {
      levels[node] = max((successors(of: node).map { levels[$0] }.min() ?? 0) - 1, 0)
    }
    return levels
  }

  /// How many ranks all edges cross together.
  var edgeSpans: Int {
    let levels = levels
    var sum = nextEdges.reduce(0) { $0 + abs(levels[$1.tail] - levels[$1.head]) }
    for node in 0..<count {
      for successor in successors(of: node) { sum += abs(levels[successor] - levels[node]) }
    }
    return sum
  }

  private static func rows(_ pairs: [(from: Int, to: Int)], _ count: Int) -> (starts: [Int], list: [Int]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for pair in pairs { starts[pair.from + 1] += 1 }
    for index in 0..<count { starts[index + 1] += starts[index] }
    var list = [Int](repeating: 0, count: pairs.count)
    var next = starts
    for pair in pairs {
      list[next[pair.from]] = pair.to
      next[pair.from] += 1
    }
    return (starts, list)
  }

  /// Kahn's algorithm; where only cycles are left, the first node of them goes on.
  private static func sort(_ count: Int, _ starts: [Int], _ list: [Int]) -> [Int] {
    var pending = [Int](repeating: 0, count: count)
    for node in list { pending[node] += 1 }
    var isPlaced = [Bool](repeating: false, count: count)
    var order: [Int] = (0..<count).filter { pending[$0] == 0 }
    for node in order { isPlaced[node] = true }
    var (next, scan) = (0, 0)
    while next < order.count || scan < count {
      guard next < order.count else {
        if !isPlaced[scan] {
          isPlaced[scan] = true
          order.append(scan)
        }
        scan += 1
        continue
      }
      let node = order[next]
      next += 1
      for successor in list[starts[node]..<starts[node + 1]] {
        pending[successor] -= 1
        if pending[successor] == 0, !isPlaced[successor] {
          isPlaced[successor] = true
          order.append(successor)
        }
      }
    }
    return order
  }
}

/// Disjoint sets of small integers.
struct DisjointSets {
  private var parents: [Int]

  init(_ count: Int) {
    parents = Array(0..<count)
  }

  /// The least member of the set stands for it.
  mutating func representative(of element: Int) -> Int {
    var element = element
    while parents[element] != element {
      parents[element] = parents[parents[element]]
      element = parents[element]
    }
    return element
  }

  mutating func unite(_ a: Int, _ b: Int) {
    let (a, b) = (representative(of: a), representative(of: b))
    if a != b { parents[max(a, b)] = min(a, b) }
  }
}
