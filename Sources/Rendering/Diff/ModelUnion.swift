import GraphIR

/// The outlines of one model, or of two laid over each other: what corresponds is there once.
struct ModelUnion {
  /// Where the older model is; nil where there is only one.
  let comparison: ModelComparison?
  let model: Model
  private(set) var items: [Member] = []
  private(set) var links: [Link] = []
  private(set) var clusters: [Cluster] = []
  let outputs: (before: [GraphID: Outline.Outputs], after: [GraphID: Outline.Outputs])

  struct Member {
    var before: Item?
    var after: Item?
    var cluster: Int?
  }

  struct Link {
    /// Positions in `items`.
    var tail: Int
    var head: Int
    var before: Outline.Link?
    var after: Outline.Link?
    /// How often `head` reads the value.
    var count = 1
  }

  struct Cluster {
    var before: Outline.Body?
    var after: Outline.Body?
    var parent: Int?
    /// Position in `items`.
    var owner: Int?
  }

  /// A single model counts as `after`.
  init(_ model: Model) {
    comparison = nil
    self.model = model
    let outline = Outline(model)
    outputs = (before: [:], after: outline.outputs)
    var joiner = UnionJoiner(before: nil, after: outline, comparison: nil)
    joiner.join(in: (before: model, after: model))
    (items, links, clusters) = (joiner.items, joiner.links, joiner.clusters)
  }

  init(_ comparison: ModelComparison) {
    self.comparison = comparison
    model = comparison.after
    let outlines = (before: Outline(comparison.before), after: Outline(comparison.after))
    outputs = (before: outlines.before.outputs, after: outlines.after.outputs)
    var joiner = UnionJoiner(before: outlines.before, after: outlines.after, comparison: comparison)
    joiner.join(in: (before: comparison.before, after: comparison.after))
    (items, links, clusters) = (joiner.items, joiner.links, joiner.clusters)
  }
}

/// Lays two outlines over each other.
private struct UnionJoiner {
  let before: Outline?
  let after: Outline
  let comparison: ModelComparison?
  var items: [ModelUnion.Member] = []
  var links: [ModelUnion.Link] = []
  var clusters: [ModelUnion.Cluster] = []
  private var beforePlaces: [Item: Int] = [:]
  private var afterPlaces: [Item: Int] = [:]

  init(before: Outline?, after: Outline, comparison: ModelComparison?) {
    self.before = before
    self.after = after
    self.comparison = comparison
  }

  mutating func join(in models: (before: Model, after: Model)) {
    let clustersOfGraphs = joinClusters(in: models)
    joinItems(clusters: clustersOfGraphs)
    for index in clusters.indices {
      clusters[index].owner =
        clusters[index].after.flatMap { afterPlaces[.node($0.owner)] }
        ?? clusters[index].before.flatMap { beforePlaces[.node($0.owner)] }
    }
    joinLinks()
  }

  // MARK: Clusters

  private typealias Places = (before: [GraphID: Int], after: [GraphID: Int])

  private mutating func joinClusters(in models: (before: Model, after: Model)) -> Places {
    var places: Places = ([:], [:])
    for body in after.bodies {
      places.after[body.graph] = clusters.count
      let parent = models.after.parent(of: body.graph).flatMap { places.after[$0] }
      clusters.append(ModelUnion.Cluster(after: body, parent: parent))
    }
    for body in before?.bodies ?? [] {
      if let counterpart = comparison?.matching.graphs[body.graph], let place = places.after[counterpart] {
        clusters[place].before = body
        places.before[body.graph] = place
      } else {
        places.before[body.graph] = clusters.count
        let parent = models.before.parent(of: body.graph).flatMap { places.before[$0] }
        clusters.append(ModelUnion.Cluster(before: body, parent: parent))
      }
    }
    return places
  }

  // MARK: Items

  /// In the order of `after`; what is only in `before` stands ahead of what followed it there.
  private mutating func joinItems(clusters places: Places) {
    var removed: [Item: [Outline.Entry]] = [:]
    var origins: [Item: Item] = [:]
    var trailing: [Outline.Entry] = []
    var next: Item?
    let kept = Set(after.entries.map(\.item))
    for entry in (before?.entries ?? []).reversed() {
      if let counterpart = counterpart(of: entry.item), kept.contains(counterpart) {
        origins[counterpart] = entry.item
        next = counterpart
      } else if let next {
        removed[next, default: []].append(entry)
      } else {
        trailing.append(entry)
      }
    }
    for entry in after.entries {
      for old in (removed[entry.item] ?? []).reversed() { append(removed: old, places) }
      afterPlaces[entry.item] = items.count
      let origin = origins[entry.item]
      if let origin { beforePlaces[origin] = items.count }
      items.append(.init(before: origin, after: entry.item, cluster: places.after[entry.graph]))
    }
    for old in trailing.reversed() { append(removed: old, places) }
  }

  private mutating func append(removed entry: Outline.Entry, _ places: Places) {
    beforePlaces[entry.item] = items.count
    items.append(.init(before: entry.item, after: nil, cluster: places.before[entry.graph]))
  }

  private func counterpart(of item: Item) -> Item? {
    guard let comparison else { return nil }
    switch item {
    case .node(let node): return comparison.matching.nodes[node].map(Item.node)
    case .input(let value): return comparison.matching.inputs[value].map(Item.input)
    case .output(let graph, let index): return counterpart(ofOutput: index, of: graph, in: comparison)
    case .constant(let value, let graph):
      let name = comparison.before.name(of: value)
      guard let other = comparison.matching.graphs[graph], let outputs = after.outputs[other],
        let position = outputs.positions[name]
      else { return nil }
      return .constant(outputs.values[position], in: other)
    }
  }

  /// Outputs of bodies correspond by position, those of the main graph by name.
  private func counterpart(ofOutput index: Int, of graph: GraphID, in comparison: ModelComparison) -> Item? {
    guard let other = comparison.matching.graphs[graph] else { return nil }
    if case .body = comparison.before.kind(of: graph) { return .output(other, index: index) }
    guard let name = before?.outputs[graph]?.names[index],
      let position = after.outputs[other]?.positions[name]
    else { return nil }
    return .output(other, index: position)
  }

  // MARK: Links

  private struct LinkKey: Hashable {
    var tail: Int
    var head: Int
    var output: Int
  }

  private mutating func joinLinks() {
    var places: [LinkKey: Int] = [:]
    for link in after.links {
      guard let tail = afterPlaces[link.tail], let head = afterPlaces[link.head] else { continue }
      let key = LinkKey(tail: tail, head: head, output: link.output)
      if let place = places[key] {
        links[place].count += 1
      } else {
        places[key] = links.count
        links.append(.init(tail: tail, head: head, before: nil, after: link))
      }
    }
    for link in before?.links ?? [] {
      guard let tail = beforePlaces[link.tail], let head = beforePlaces[link.head] else { continue }
      let key = LinkKey(tail: tail, head: head, output: link.output)
      if let place = places[key] {
        links[place].before = links[place].before ?? link
      } else {
        places[key] = links.count
        links.append(.init(tail: tail, head: head, before: link, after: nil))
      }
    }
  }
}
