extension RepetitionContraction {
  private struct Ends: Hashable {
    var tail: Int
    var head: Int
    var output: Int
    var kind: GraphPicture.EdgeKind
    var mark: Mark?
    var lag: Int
  }

  /// The repetitions whose nodes are at an edge's ends, where these are in different ones.
  private struct Turns {
    var tails = TurnSet(whole: "each")
    var heads = TurnSet(whole: "")

    var text: String { [tails.text, heads.text].filter { !$0.isEmpty }.joined(separator: " → ") }
  }

  /// Those of the first repetition, and those that lead into, out of or between repetitions.
  func edges(_ places: [Int]) -> [GraphPicture.Edge] {
    var positions: [Ends: Int] = [:]
    var result: [GraphPicture.Edge] = []
    var turns: [Turns] = []
    for edge in picture.edges {
      var new = edge
      (new.tail, new.head) = (places[edge.tail], places[edge.head])
      let (tail, head) = (homes[edge.tail], homes[edge.head])
      let isInside = tail != nil && tail?.repetition == head?.repetition && edge.kind != .next
      if isInside, let tail, let head {
        new.lag = head.turn - tail.turn
        if new.lag == 0, tail.turn > 0 { continue }
        if new.lag != 0 { (new.kind, new.label, new.formerLabel) = (.next, Self.text(lag: new.lag), nil) }
      }
      let ends = Ends(
        tail: new.tail, head: new.head, output: new.output, kind: new.kind, mark: new.mark, lag: new.lag)
      let position = positions[ends] ?? result.count
      if position == result.count {
        positions[ends] = position
        result.append(new)
        turns.append(Turns())
      }
      guard !isInside else { continue }
      if let tail { turns[position].tails.insert(tail.turn, of: repetitions[tail.repetition]) }
      if let head { turns[position].heads.insert(head.turn, of: repetitions[head.repetition]) }
    }
    for (index, turns) in turns.enumerated() where !turns.text.isEmpty {
      result[index].add(toLabel: turns.text)
    }
    return result
  }

  private static func text(lag: Int) -> String {
    switch lag {
    case 1: "next"
    case 2...: "\(lag) later"
    default: "earlier"
    }
  }
}

/// Some of a block's repetitions.
private struct TurnSet {
  /// What all of them are called.
  let whole: String
  private var turns: Set<Int> = []
  private var count = 0

  init(whole: String) {
    self.whole = whole
  }

  mutating func insert(_ turn: Int, of repetition: Repetition) {
    turns.insert(turn)
    count = repetition.count
  }

  /// As in `last`, `no. 2, 5`.
  var text: String {
    guard let first = turns.min(), let last = turns.max() else { return "" }
    switch turns.count {
    case count: return whole
    case 1 where first == 0: return "first"
    case 1 where last == count - 1: return "last"
    case 2... where first == 0 && last == turns.count - 1: return "first \(turns.count)"
    default:
      let shown = turns.sorted().prefix(4).map { "\($0 + 1)" }.joined(separator: ", ")
      return "no. \(shown)\(turns.count > 4 ? ", …" : "")"
    }
  }
}
