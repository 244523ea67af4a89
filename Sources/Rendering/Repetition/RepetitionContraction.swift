/// Puts the first of each repetition's turns in place of all.
struct RepetitionContraction {
  let picture: GraphPicture
  let repetitions: [Repetition]
  private let incoming: EdgeRows
  /// Of each node; nil for those that no repetition has.
  private(set) var homes: [Home?]

  struct Home {
    /// In `repetitions`.
    var repetition: Int
    var turn: Int
    /// The node of the first turn.
    var first: Int
  }

  init(_ picture: GraphPicture, _ repetitions: [Repetition]) {
    self.picture = picture
    self.repetitions = repetitions
    incoming = EdgeRows(picture)
    homes = [Home?](repeating: nil, count: picture.nodes.count)
  }

  mutating func contract() -> GraphPicture {
    settle()
    var members: [Int: [Int]] = [:]
    for (node, home) in homes.enumerated() {
      if let home { members[home.first, default: []].append(node) }
    }
    let prefixes = repetitions.map(commonScopes)
    let names = zip(repetitions, prefixes).map { moduleNames($0, below: $1.count) }
    let firstNumber = (picture.nodes.lazy.flatMap(\.scopes).map(\.repetition).max() ?? 0) + 1
    var result = picture
    result.nodes = []
    var places = [Int](repeating: 0, count: picture.nodes.count)
    for (index, node) in picture.nodes.enumerated() where homes[index]?.turn ?? 0 == 0 {
      places[index] = result.nodes.count
      guard let home = homes[index] else {
        result.nodes.append(node)
        continue
      }
      let scope = Scope(count: repetitions[home.repetition].count, repetition: firstNumber + home.repetition)
      result.nodes.append(
        joined(members[index] ?? [index], scope, below: prefixes[home.repetition], names[home.repetition]))
    }
    for (index, home) in homes.enumerated() { if let home { places[index] = places[home.first] } }
    result.edges = edges(places)
    for index in result.clusters.indices {
      result.clusters[index].owner = picture.clusters[index].owner.map { places[$0] }
    }
    return result
  }

  // MARK: Members

  private mutating func settle() {
    for (index, repetition) in repetitions.enumerated() {
      for (turn, nodes) in repetition.turns.enumerated() {
        for (node, first) in zip(nodes, repetition.turns[0]) {
          homes[node] = Home(repetition: index, turn: turn, first: first)
        }
      }
    }
    settleInputs()
    settleOutputs()
  }

  /// Inputs of which each repetition has its own.
  private mutating func settleInputs() {
    for (index, repetition) in repetitions.enumerated() {
      for (place, first) in repetition.turns[0].enumerated() {
        for (slot, edge) in incoming.ownEdges(of: first, in: picture).enumerated() {
          let ports = repetition.turns.map { turn in
            picture.edges[incoming.ownEdges(of: turn[place], in: picture)[slot]].tail
          }
          let tail = picture.edges[edge].tail
          guard picture.nodes[tail].kind == .input, ports.allSatisfy({ incoming.readers[$0] == 1 }) else {
            continue
          }
          settle(ports, in: index)
        }
      }
    }
  }

  /// Outputs of which each repetition has its own.
  private mutating func settleOutputs() {
    var ports: [Int: [Int]] = [:]
    for edge in picture.edges where homes[edge.tail] != nil {
      let head = picture.nodes[edge.head]
      if head.kind == .output, incoming.edges(of: edge.head).count == 1 {
        ports[edge.tail, default: []].append(edge.head)
      }
    }
    for (index, repetition) in repetitions.enumerated() {
      for place in repetition.turns[0].indices {
        let all = repetition.turns.map { ports[$0[place]] ?? [] }
        guard let first = all[0].first, all.allSatisfy({ $0.count == 1 }) else { continue }
        let (mark, cluster) = (picture.nodes[first].mark, picture.nodes[first].cluster)
        let areAlike = all.allSatisfy {
          picture.nodes[$0[0]].mark == mark && picture.nodes[$0[0]].cluster == cluster
        }
        if areAlike { settle(all.map { $0[0] }, in: index) }
      }
    }
  }

  private mutating func settle(_ ports: [Int], in repetition: Int) {
    guard ports.allSatisfy({ homes[$0] == nil }), Set(ports).count == ports.count else { return }
    for (turn, port) in ports.enumerated() {
      homes[port] = Home(repetition: repetition, turn: turn, first: ports[0])
    }
  }

  // MARK: Texts

  private func commonScopes(of repetition: Repetition) -> [Scope] {
    var common = picture.nodes[repetition.turns[0][0]].scopes
    for node in repetition.turns.joined() { common = common.commonPrefix(with: picture.nodes[node].scopes) }
    return common
  }

  /// By the path below the common scopes: what a module of the first repetition has in common with those in its place in
  /// the others, unless another has the same.
  private func moduleNames(_ repetition: Repetition, below depth: Int) -> [[Scope]: String] {
    var names: [[Scope]: String] = [:]
    var uses: [[String]: Int] = [:]
    for (place, first) in repetition.turns[0].enumerated() {
      let scopes = picture.nodes[first].scopes.dropFirst(depth)
      for level in scopes.indices where scopes[level].repetition == 0 {
        let path = Array(scopes[...level])
        guard names[path] == nil else { continue }
        let all = repetition.turns.map { picture.nodes[$0[place]].scopes }
        let isThere = all.allSatisfy { $0.indices.contains(level) }
        let name = isThere ? commonText(all.map { $0[level].name }) : scopes[level].name + " …"
        names[path] = name
        uses[path.dropLast().map(\.name) + [name], default: 0] += 1
      }
    }
    for (path, name) in names where uses[path.dropLast().map(\.name) + [name]] ?? 0 > 1 {
      names[path] = (path.last?.name ?? "") + " …"
    }
    return names
  }

  private func joined(_ members: [Int], _ scope: Scope, below prefix: [Scope], _ names: [[Scope]: String])
    -> GraphPicture.Node
  {
    let all = members.map { picture.nodes[$0] }
    var node = all[0]
    node.count = all.reduce(0) { $0 + $1.count }
    node.inner += picture.names(of: members.dropFirst())
    node.title = commonText(all.map(\.title))
    node.subtitle = commonText(all.map(\.subtitle))
    if all.allSatisfy({ $0.details.count == node.details.count }) {
      for line in node.details.indices { node.details[line] = commonText(all.map { $0.details[line] }) }
    }
    node.former = picture.formerOfAll(members)
    if let former = node.former, all.allSatisfy({ $0.former?.details.count == former.details.count }) {
      for line in former.details.indices {
        node.former?.details[line] = commonText(all.compactMap { $0.former?.details[line] })
      }
    }
    node.measure = picture.overlay?.combined(all.compactMap(\.measure))
    node.tooltip += "\nthe first of \(NumberText.grouped(members.count))"
    var inner = Array(node.scopes.dropFirst(prefix.count))
    for level in inner.indices where inner[level].repetition == 0 {
      let path = Array(node.scopes.dropFirst(prefix.count).prefix(level + 1))
      inner[level].name = names[path] ?? inner[level].name
    }
    node.scopes = prefix + [scope] + inner
    return node
  }
}
