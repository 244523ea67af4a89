import GraphIR
import TensorCore

/// Draws a union of models, or one side of it.
struct PictureBuilder {
  enum View {
    case before
    case after
    /// Both, one over the other.
    case merged
  }

  let union: ModelUnion
  let view: View
  let options: RenderOptions
  let overlays: Overlays
  private var identifiers = IdentifierTable()
  private var structures = StructureTable()
  private var labellers: (before: NodeLabeller, after: NodeLabeller)
  /// Where a member of the union stands in the picture.
  private var nodePlaces: [Int?] = []
  private var clusterPlaces: [Int?] = []
  private var picture: GraphPicture

  /// Of the older and the newer model.
  typealias Overlays = (before: NodeOverlay?, after: NodeOverlay?)

  init(_ union: ModelUnion, view: View, options: RenderOptions, overlays: Overlays = (nil, nil)) {
    self.overlays = overlays
    self.union = union
    self.view = view
    self.options = options
    picture = GraphPicture(title: "")
    labellers = (
      before: NodeLabeller(
        model: union.comparison?.before ?? union.model, outputs: union.outputs.before, options: options),
      after: NodeLabeller(model: union.model, outputs: union.outputs.after, options: options)
    )
  }

  mutating func build() -> GraphPicture {
    picture.title = (options.title ?? union.model.name(of: union.model.mainGraph)).shown(atMost: 120)
    picture.appearance.theme = options.theme
    picture.appearance.fontSize = min(max(options.fontSize, 6), 72)
    picture.appearance.direction = options.direction
    picture.appearance.showsLegend = options.showsLegend
    picture.emphasis = view == .merged ? .changes : .families
    picture.overlay = overlays.after ?? overlays.before
    addClusters()
    addNodes()
    addEdges()
    picture.completeModules()
    picture.subtitle = subtitle
    return picture
  }

  // MARK: Clusters

  private mutating func addClusters() {
    for cluster in union.clusters {
      guard let shown = shown(cluster.before, cluster.after) else {
        clusterPlaces.append(nil)
        continue
      }
      let model = shown.side == .before ? labellers.before.model : union.model
      let owner = model.name(of: shown.part.owner)
      var drawn = GraphPicture.Cluster(
        id: identifiers.unique("cluster", "\(shown.part.label) \(owner)"),
        label: shown.part.label.shown(atMost: 40) + (owner.isEmpty ? "" : " of \(owner.shownEnd(atMost: 40))")
      )
      drawn.parent = cluster.parent.flatMap { clusterPlaces[$0] }
      drawn.mark = mark(cluster.before != nil, cluster.after != nil)
      clusterPlaces.append(picture.clusters.count)
      picture.clusters.append(drawn)
    }
  }

  // MARK: Nodes

  private mutating func addNodes() {
    for member in union.items {
      guard let shown = shown(member.before, member.after) else {
        nodePlaces.append(nil)
        continue
      }
      var node =
        shown.side == .before
        ? labellers.before.node(for: shown.part, &identifiers)
        : labellers.after.node(for: shown.part, &identifiers)
      node.cluster = member.cluster.flatMap { clusterPlaces[$0] }
      if case .node(let handle) = shown.part {
        node.measure = (shown.side == .before ? overlays.before : overlays.after)?[handle]
      }
      if view == .merged, options.diffLayout == .sideBySide { node.former = former(of: member) }
      setMark(of: &node, from: member)
      describe(&node, as: member)
      if case .around(let name) = options.window { node.isFocus = has(name, member) }
      nodePlaces.append(picture.nodes.count)
      picture.nodes.append(node)
    }
    for (cluster, place) in zip(union.clusters, clusterPlaces) {
      guard let place else { continue }
      picture.clusters[place].owner = cluster.owner.flatMap { nodePlaces[$0] }
    }
  }

  private mutating func former(of member: ModelUnion.Member) -> GraphPicture.Node.Former? {
    guard let item = member.before else { return nil }
    // Its identifier is that of the newer one.
    var scratch = IdentifierTable()
    let node = labellers.before.node(for: item, &scratch)
    let measure =
      if case .node(let handle) = item { overlays.before?[handle] } else { NodeOverlay.Measure?.none }
    return .init(details: node.details, tooltip: node.tooltip, measure: measure)
  }

  /// Where the node belongs, and which others do the same.
  private mutating func describe(_ node: inout GraphPicture.Node, as member: ModelUnion.Member) {
    var (before, after): (NodeStructure?, NodeStructure?)
    if view != .after, let model = union.comparison?.before, case .node(let old)? = member.before {
      before = NodeStructure(of: old, in: model)
      node.scopes = model.modules(of: old)
    }
    if view != .before, case .node(let new)? = member.after {
      after = NodeStructure(of: new, in: union.model)
      let modules = union.model.modules(of: new)
      if !modules.isEmpty { node.scopes = modules }
    }
    node.structure = structures.number(of: node, before: before, after: after)
  }

  /// Whether either model calls this, or what it computes, by the name.
  private func has(_ name: String, _ member: ModelUnion.Member) -> Bool {
    member.after.map { labellers.after.names(of: $0).contains(name) } ?? false
      || member.before.map { labellers.before.names(of: $0).contains(name) } ?? false
  }

  private func setMark(of node: inout GraphPicture.Node, from member: ModelUnion.Member) {
    guard let comparison = union.comparison else { return }
    node.mark = mark(member.before != nil, member.after != nil)
    var what = ""
    if case .output(let graph, let index)? = member.before,
      case .output(let other, let otherIndex)? = member.after
    {
      let old = union.outputs.before[graph]?.values[index]
      let new = union.outputs.after[other]?.values[otherIndex]
      if !comparison.areSame(old, new) {
        node.mark = .changed
        what = "inputs"
      }
    }
    if case .node(let old)? = member.before, let change = comparison.changes[old] {
      node.mark = .changed
      what = change.label
    }
    guard let mark = node.mark, let changed = shown(member.before, member.after),
      case .node(let handle) = changed.part
    else { return }
    setNote(of: &node, what: what, by: comparison.authors(of: mark, authored(mark, member) ?? handle))
  }

  /// The handle by which the journal knows a node.
  private func authored(_ mark: Mark, _ member: ModelUnion.Member) -> NodeID? {
    guard case .node(let node)? = mark == .removed ? member.before : member.after else { return nil }
    return node
  }

  private func setNote(of node: inout GraphPicture.Node, what: String, by authors: [String]) {
    let shown = authors.prefix(2).map { $0.shown(atMost: 40) }.joined(separator: ", ")
    let more = authors.count > 2 ? ", …" : ""
    let parts = [what, shown.isEmpty ? "" : "by \(shown)\(more)"].filter { !$0.isEmpty }
    node.note = parts.joined(separator: " · ")
    if let mark = node.mark {
      node.tooltip += "\n\(mark.label)\(node.note.isEmpty ? "" : ": ")\(node.note)"
    }
  }

  // MARK: Edges

  /// A value's type is said on the first edge that carries it.
  private mutating func addEdges() {
    var labelled: (before: Set<ValueID>, after: Set<ValueID>) = ([], [])
    for link in union.links {
      guard let shown = shown(link.before, link.after), let tail = nodePlaces[link.tail],
        let head = nodePlaces[link.head]
      else { continue }
      var edge = GraphPicture.Edge(from: tail, to: head)
      edge.mark = mark(link.before != nil, link.after != nil)
      edge.kind = shown.part.isResult ? .result : .data
      let isFirst =
        shown.side == .before
        ? labelled.before.insert(shown.part.value).inserted
        : labelled.after.insert(shown.part.value).inserted
      let type = typeText(of: link)
      if isFirst, options.showsTypes, !shown.part.isResult {
        edge.label = type
        edge.formerLabel = link.before.map { TypeText.short(union.comparison?.before.type(of: $0.value)) }
      }
      if link.count > 1, link.after != nil { edge.label += edge.label.isEmpty ? "×2" : " ×\(link.count)" }
      edge.output = shown.part.output
      edge.structure = structures.number(of: edge, type: type, count: link.count)
      edge.tooltip =
        shown.side == .before
        ? labellers.before.describe(shown.part.value) : labellers.after.describe(shown.part.value)
      picture.edges.append(edge)
    }
  }

  private func typeText(of link: ModelUnion.Link) -> String {
    let old = link.before.flatMap { union.comparison?.before.type(of: $0.value) }
    let new = link.after.flatMap { union.model.type(of: $0.value) }
    switch view {
    case .before: return TypeText.short(old)
    case .after: return TypeText.short(new)
    case .merged: return TypeText.short(old, to: new)
    }
  }

  // MARK: Sides

  private enum Side {
    case before
    case after
  }

  /// The part that this view shows, and the side that it is of.
  private func shown<Part>(_ before: Part?, _ after: Part?) -> (part: Part, side: Side)? {
    if view != .before, let after { return (after, .after) }
    if view != .after, let before { return (before, .before) }
    return nil
  }

  private func mark(_ isBefore: Bool, _ isAfter: Bool) -> Mark? {
    guard union.comparison != nil, isBefore != isAfter else { return nil }
    return isBefore ? .removed : .added
  }

  // MARK: Summary

  private var subtitle: String {
    let total = NumberText.grouped(picture.nodes.filter(\.isOperation).count) + " nodes"
    guard union.comparison != nil else { return total }
    let counts = Mark.allCases.compactMap { mark -> String? in
      let count = picture.nodes.filter { $0.isOperation && $0.mark == mark }.count
      return count == 0 ? nil : "\(NumberText.grouped(count)) \(mark.label)"
    }
    return ([total] + (counts.isEmpty ? ["no differences"] : counts)).joined(separator: " · ")
  }
}

extension GraphPicture.Node {
  var isOperation: Bool { if case .operation = kind { true } else { false } }
}
