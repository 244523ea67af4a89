/// A directed graph with capacities, and its cheapest division in two sides (Ford and Fulkerson 1956, shortest
/// paths first: Edmonds and Karp 1972). The time is proportional to the cut's cost times the number of arcs.
struct MinimumCut {
  static let unlimited = Int.max / 4
  static let source = 0
  static let sink = 1

  private struct Arc {
    var target: Int
    var capacity: Int
  }

  /// Arc 2i and arc 2i + 1 are each other's reverse.
  private var arcs: [Arc] = []
  private var outgoing: [[Int]] = [[], []]

  /// A new vertex.
  mutating func addVertex() -> Int {
    outgoing.append([])
    return outgoing.count - 1
  }

  mutating func connect(_ from: Int, _ to: Int, _ capacity: Int) {
    outgoing[from].append(arcs.count)
    arcs.append(Arc(target: to, capacity: capacity))
    outgoing[to].append(arcs.count)
    arcs.append(Arc(target: from, capacity: 0))
  }

  /// Sends as much as fits from source to sink.
  mutating func saturate() {
    while let path = shortestPath() {
      let flow = path.map { arcs[$0].capacity }.min() ?? 0
      for arc in path {
        arcs[arc].capacity -= flow
        arcs[arc ^ 1].capacity += flow
      }
    }
  }

  private func shortestPath() -> [Int]? {
    let arrivals = reach(from: Self.source) { $0 }
    guard arrivals[Self.sink] != nil else { return nil }
    var path: [Int] = []
    var vertex = Self.sink
    while vertex != Self.source, let arc = arrivals[vertex] ?? nil {
      path.append(arc)
      vertex = arcs[arc ^ 1].target
    }
    return path
  }

  /// By vertex, whether it is on the sink's side in the cut that is nearest to the source.
  func sinkSideNearSource() -> [Bool] { reach(from: Self.source) { $0 }.map { $0 == nil } }

  /// The same in the cut that is nearest to the sink.
  func sinkSideNearSink() -> [Bool] { reach(from: Self.sink) { $0 ^ 1 }.map { $0 != nil } }

  /// By vertex that capacity is left to, the arc by which it was reached (nil for the start); nil for others.
  /// - Parameter used: the arc whose capacity counts when an arc is followed.
  private func reach(from start: Int, _ used: (Int) -> Int) -> [Int??] {
    var arrivals = [Int??](repeating: nil, count: outgoing.count)
    arrivals[start] = .some(nil)
    var queue = [start]
    var head = 0
    while head < queue.count {
      for arc in outgoing[queue[head]] where arcs[used(arc)].capacity > 0 {
        let next = arcs[arc].target
        guard arrivals[next] == nil else { continue }
        arrivals[next] = .some(arc)
        queue.append(next)
      }
      head += 1
    }
    return arrivals
  }
}
