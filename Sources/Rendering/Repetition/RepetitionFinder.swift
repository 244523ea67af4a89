/// Finds blocks that follow each other and do the same: stretches of the nodes' order that repeat with a period, where
/// each node reads from its own repetition, from an earlier one at a constant distance, or from around, as the nodes in
/// its place in all other repetitions do. The first repetitions may read from around what later ones read from earlier
/// ones.
///
/// Time is linear in nodes and edges, times the small number of periods that a place is tried with; and bounded by
/// `effort`.
struct RepetitionFinder {
  /// Repetitions in a sequence: `count` times `period` places from `start`.
  struct Run: Hashable {
    var start: Int
    var period: Int
    var count: Int

    var end: Int { start + period * count }
    /// Nodes that need not be drawn.
    var saving: Int { period * (count - 1) }
  }

  /// A run that saves less makes a picture no clearer.
  static let minimumSaving = 6
  /// Fewer blocks beside each other, such as query, key and value, are clearer as they are.
  private static let minimumBeside = 4
  /// Nodes that are taken together to guess at a period.
  private static let contextLength = 3
  /// Farther neighbours can be another distance away in each repetition.
  private static let nearness = 16
  /// Comparisons of nodes for each node of the picture.
  private static let effort = 64

  private let picture: GraphPicture
  private let sequence: [Int]
  private let places: SequencePlaces
  private let incoming: EdgeRows
  private var budget: Int

  /// - Parameter places: of all nodes, with the number of the sequence that is searched.
  init(_ picture: GraphPicture, places: SequencePlaces, incoming: EdgeRows) {
    self.picture = picture
    self.places = places
    self.incoming = incoming
    sequence = places.sequences[places.current]
    budget = Self.effort * sequence.count + 1_000
  }

  /// Runs that do not overlap, those that save most first to be chosen, in order.
  mutating func runs() -> [Run] {
    let found = candidates().sorted {
      ($1.saving, $0.period, $0.start) < ($0.saving, $1.period, $1.start)
    }
    var isTaken = [Bool](repeating: false, count: sequence.count)
    var chosen: [Run] = []
    for run in found where !isTaken[run.start..<run.end].contains(true) {
      for place in run.start..<run.end { isTaken[place] = true }
      chosen.append(run)
    }
    return chosen.sorted { $0.start < $1.start }
  }

  // MARK: Candidates

  private mutating func candidates() -> [Run] {
    var last: [[Int]: Int] = [:]
    /// By period, the place behind what was compared with it.
    var compared: [Int: Int] = [:]
    var runs: [Run] = []
    for place in sequence.indices {
      guard let context = context(at: place) else { continue }
      defer { last[context] = place }
      guard let earlier = last[context], budget > 0 else { continue }
      let period = place - earlier
      guard compared[period].map({ $0 <= place }) ?? true else { continue }
      let (found, end) = self.runs(upTo: earlier, period: period)
      compared[period] = max(end, place + 1)
      runs += found
    }
    return runs
  }

  private func label(_ place: Int) -> Int? { picture.nodes[sequence[place]].structure }

  /// What the nodes at a place and behind it do, and to which of their near neighbours.
  private func context(at place: Int) -> [Int]? {
    var context: [Int] = []
    for next in place..<min(place + Self.contextLength, sequence.count) {
      guard let label = label(next) else { break }
      context.append(label)
      for edge in incoming.edges(of: sequence[next]) {
        let place = places[picture.edges[edge].tail]
        let isNear = place >= 0 && next - place <= Self.nearness
        context += isNear ? [place - next, picture.edges[edge].output] : [.min]
      }
    }
    return context.isEmpty ? nil : context
  }

  /// Runs with this period up to the one that `place` lies in, and where that one ends.
  private mutating func runs(upTo place: Int, period: Int) -> (runs: [Run], end: Int) {
    var start = place
    while start > 0, let label = label(start - 1), label == self.label(start - 1 + period), budget > 0 {
      start -= 1
      budget -= 1
    }
    var runs: [Run] = []
    // What goes in tells where repetitions begin: the start moves behind the first node that does not fit.
    while start <= place, budget > 0 {
      var end = start
      while end + period < sequence.count, budget > 0, isRepeated(end, period: period, from: start) {
        end += 1
        budget -= 1 + incoming.edges(of: sequence[end]).count
      }
      budget -= 1
      if end - start >= period, let run = run(from: start, to: end, period: period) { runs.append(run) }
      guard end < place else { return (runs, end + period) }
      start = end + 1
    }
    return (runs, place + period)
  }

  /// Of places each of which is repeated a period later.
  private func run(from start: Int, to end: Int, period: Int) -> Run? {
    let length = end - start
    var run = Run(start: start, period: period, count: length / period + 1)
    guard run.saving >= Self.minimumSaving else { return nil }
    run.start += shift(of: run, atMost: length % period)
    return isWorthwhile(run) ? run : nil
  }

  /// Whether it is more than a few blocks beside each other.
  private func isWorthwhile(_ run: Run) -> Bool {
    guard run.count < Self.minimumBeside else { return true }
    let first = run.start..<run.start + run.period
    return (first.upperBound..<first.upperBound + run.period).contains { place in
      incoming.edges(of: sequence[place]).contains { first.contains(places[picture.edges[$0].tail]) }
    }
  }

  // MARK: Comparing

  /// Whether the node at `place` and the one a period behind do the same to what corresponds, in a run from `start`.
  private func isRepeated(_ place: Int, period: Int, from start: Int) -> Bool {
    let (node, other) = (sequence[place], sequence[place + period])
    guard let structure = picture.nodes[node].structure, structure == picture.nodes[other].structure,
      picture.nodes[node].scopes.last(where: { $0.repetition > 0 })
        == picture.nodes[other].scopes.last(where: { $0.repetition > 0 })
    else { return false }
    // What comes from another repetition of an outer block says itself which of the inner ones reads it.
    let (mine, theirs) = (incoming.ownEdges(of: node, in: picture), incoming.ownEdges(of: other, in: picture))
    return mine.count == theirs.count
      && zip(mine, theirs).allSatisfy {
        isSame(picture.edges[$0], picture.edges[$1], period: period, from: start)
      }
  }

  private func isSame(_ edge: GraphPicture.Edge, _ other: GraphPicture.Edge, period: Int, from start: Int)
    -> Bool
  {
    guard edge.structure == other.structure else { return false }
    let (place, otherPlace) = (places[edge.tail], places[other.tail])
    // All read the same from around.
    if edge.tail == other.tail { return edge.output == other.output && place < start }
    if place < 0, otherPlace < 0 {
      return edge.output == other.output && isOwnPort(edge.tail, like: other.tail)
    }
    if place >= 0, otherPlace - place == period { return edge.output == other.output }
    return place < start && otherPlace >= start && otherPlace < start + period
  }

  /// Whether both are inputs of the graph that nothing else reads.
  private func isOwnPort(_ node: Int, like other: Int) -> Bool {
    picture.nodes[node].kind == .input && picture.nodes[other].kind == .input
      && picture.nodes[node].cluster == picture.nodes[other].cluster
      && picture.nodes[node].mark == picture.nodes[other].mark
      && incoming.readers[node] == 1 && incoming.readers[other] == 1
  }

  // MARK: Aligning

  /// Where a run with places to spare begins: at the border of the outermost module, and where fewest values cross.
  private func shift(of run: Run, atMost slack: Int) -> Int {
    guard slack > 0 else { return 0 }
    let crossing = crossings(of: run, count: slack + 1)
    func depth(_ shift: Int) -> Int {
      let border = run.start + shift + run.period
      let scopes = picture.nodes[sequence[border - 1]].scopes
      return scopes.commonPrefix(with: picture.nodes[sequence[border]].scopes).count
    }
    return (0...slack).min { (depth($0), crossing[$0], $0) < (depth($1), crossing[$1], $1) } ?? 0
  }

  /// For each shift, how many values cross from the first repetition to those after it.
  private func crossings(of run: Run, count: Int) -> [Int] {
    var lastReader: [Int: Int] = [:]
    for place in run.start..<min(run.end + count, sequence.count) {
      for edge in incoming.edges(of: sequence[place]) {
        let tail = places[picture.edges[edge].tail]
        if tail >= run.start, tail < place { lastReader[tail] = place }
      }
    }
    let first = run.start + run.period
    var changes = [Int](repeating: 0, count: count + 1)
    for (tail, reader) in lastReader where reader >= first && tail < first + count - 1 {
      changes[max(tail + 1 - first, 0)] += 1
      changes[min(reader + 1 - first, count)] -= 1
    }
    var sum = 0
    return changes.prefix(count).map {
      sum += $0
      return sum
    }
  }
}

/// The operations of each graph of a picture, in order: bodies repeat for themselves.
struct SequencePlaces {
  private(set) var sequences: [[Int]]
  /// Of nodes: their sequence, and their place in it.
  private var homes: [(sequence: Int, place: Int)]
  /// The sequence that is looked at.
  var current = 0

  init(_ picture: GraphPicture) {
    sequences = [[Int]](repeating: [], count: picture.clusters.count + 1)
    homes = [(sequence: Int, place: Int)](repeating: (-1, -1), count: picture.nodes.count)
    for (index, node) in picture.nodes.enumerated() where node.isOperation {
      let sequence = node.cluster.map { $0 + 1 } ?? 0
      homes[index] = (sequence, sequences[sequence].count)
      sequences[sequence].append(index)
    }
  }

  /// In the current sequence; -1 for nodes that are not in it.
  subscript(node: Int) -> Int { homes[node].sequence == current ? homes[node].place : -1 }
}

/// The edges into each node of a picture, in the order of the picture's edges.
struct EdgeRows {
  private let starts: [Int]
  private let list: [Int]
  /// How many edges leave each node.
  let readers: [Int]

  init(_ picture: GraphPicture) {
    var starts = [Int](repeating: 0, count: picture.nodes.count + 1)
    var readers = [Int](repeating: 0, count: picture.nodes.count)
    for edge in picture.edges {
      starts[edge.head + 1] += 1
      readers[edge.tail] += 1
    }
    for index in picture.nodes.indices { starts[index + 1] += starts[index] }
    var next = starts
    var list = [Int](repeating: 0, count: picture.edges.count)
    for (index, edge) in picture.edges.enumerated() {
      list[next[edge.head]] = index
      next[edge.head] += 1
    }
    self.starts = starts
    self.list = list
    self.readers = readers
  }

  func edges(of node: Int) -> ArraySlice<Int> { list[starts[node]..<starts[node + 1]] }

  /// Without those from one repetition to the next.
  func ownEdges(of node: Int, in picture: GraphPicture) -> [Int] {
    edges(of: node).filter { picture.edges[$0].kind != .next }
  }
}
