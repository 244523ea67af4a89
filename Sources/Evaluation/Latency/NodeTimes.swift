/// Where a run spends its time: what each node takes of it, from a trace of several runs.
public struct NodeTimes: Sendable, Hashable, Encodable {
  public struct Row: Sendable, Hashable, Encodable {
    /// Of a node, an operator or a block.
    public var name: String
    /// Of a node; nil for several.
    public var op: String?
    public var nodes: Int
    /// Seconds of one run of the model.
    public var seconds: Double
  }

  /// Each node, in the order in which they run.
  public let rows: [Row]

  /// Seconds of all nodes in one run.
  public var seconds: Double { rows.reduce(0) { $0 + $1.seconds } }

  /// - Parameter warmUps: the first runs of the trace, which do not count.
  public init(_ profile: OnnxProfile, warmUps: Int) {
    rows = profile.nodes.map { node in
      Row(
        name: node.name, op: node.op, nodes: 1,
        seconds: Self.seconds(node.durations, runs: max(profile.runs, 1), warmUps: warmUps))
    }
  }

  /// Of one run: the mean without the slowest fifth, since a machine that does other things as well makes runs slower
  /// and never faster. (Durations are whole microseconds, so that their median would be as coarse.)
  private static func seconds(_ durations: [Double], runs: Int, warmUps: Int) -> Double {
    // A loop that turns more often in some runs than in others.
    guard durations.count % runs == 0 else { return durations.reduce(0, +) / Double(runs) }
    let turns = durations.count / runs
    let totals = (0..<runs).map { durations[$0 * turns..<($0 + 1) * turns].reduce(0, +) }
    let measured = totals.dropFirst(min(warmUps, runs - 1)).sorted()
    let kept = measured.prefix(max(1, measured.count * 4 / 5))
    return kept.reduce(0, +) / Double(kept.count)
  }

  /// Operators, those that take most time first.
  public func byOperator() -> [Row] { sums { $0.op ?? "" } }

  /// Parts of the model, by the first `depth` parts of its nodes' names, as exporters write them: `/layer1/layer1.0`.
  public func byBlock(depth: Int) -> [Row] {
    sums { row in
      let path = row.name.split(separator: "/").dropLast().prefix(depth)
      return path.isEmpty ? "" : "/" + path.joined(separator: "/")
    }
  }

  /// Those that take most time first; of equal ones, in the order in which they run.
  private func sums(_ key: (Row) -> String) -> [Row] {
    var places: [String: Int] = [:]
    var sums: [Row] = []
    for row in rows {
      let name = key(row)
      let place = places[name] ?? sums.count
      if place == sums.count {
        places[name] = place
        sums.append(Row(name: name, op: nil, nodes: 0, seconds: 0))
      }
      sums[place].nodes += row.nodes
      sums[place].seconds += row.seconds
    }
    return sums.enumerated().sorted { ($1.element.seconds, $0.offset) < ($0.element.seconds, $1.offset) }.map(
      \.element)
  }
}
