extension GraphPicture {
  /// The picture with a cluster round the nodes of each module and repetition. Modules of a single node, and those that
  /// everything lies in, get none; one that is all of another shares its cluster.
  func clusteringScopes(showsModules: Bool) -> GraphPicture {
    var groups = ScopeGroups()
    let common = showsModules ? commonModules : []
    var homes: [Int?] = []
    for node in nodes {
      let scopes =
        showsModules ? Array(node.scopes.dropFirst(common.count)) : node.scopes.filter { $0.repetition > 0 }
      homes.append(groups.add(scopes, in: node.cluster))
    }
    guard homes.contains(where: { $0 != nil }) else { return self }
    var picture = self
    let places = groups.clusters(appendedTo: &picture)
    for (index, home) in homes.enumerated() {
      if let home, let place = places[home] { picture.nodes[index].cluster = place }
    }
    return picture
  }

  /// The modules that all nodes with modules lie in.
  private var commonModules: [Scope] {
    let scopes = nodes.lazy.map(\.scopes).filter { !$0.isEmpty }
    guard var common = scopes.first else { return [] }
    for other in scopes where !common.isEmpty { common = common.commonPrefix(with: other) }
    return Array(common.prefix { $0.repetition == 0 })
  }
}

/// Scopes with the nodes inside them, outer ones before inner ones.
private struct ScopeGroups {
  private struct Key: Hashable {
    var parent: Int?
    var body: Int?
    var scope: Scope
  }

  private struct Group {
    var key: Key
    /// With those of inner groups.
    var nodes = 0
    /// Below the names of outer groups that share its cluster.
    var label: String

    var kind: GraphPicture.Cluster.Kind {
      key.scope.repetition > 0 ? .repetition(key.scope.count) : .module
    }
  }

  private var groups: [Group] = []
  private var positions: [Key: Int] = [:]

  /// The innermost group; nil without scopes.
  mutating func add(_ scopes: [Scope], in body: Int?) -> Int? {
    var parent: Int?
    for scope in scopes {
      let key = Key(parent: parent, body: body, scope: scope)
      let position = positions[key] ?? groups.count
      if position == groups.count {
        positions[key] = position
        groups.append(Group(key: key, label: label(of: scope, in: parent)))
      }
      groups[position].nodes += 1
      parent = position
    }
    return parent
  }

  /// Modules repeat the names of outer ones: `model.layers.0` in `model` is `layers.0`.
  private func label(of scope: Scope, in parent: Int?) -> String {
    guard let outer = parent.map({ groups[$0].key.scope.name }), !outer.isEmpty,
      scope.name.hasPrefix(outer + ".")
    else { return scope.name }
    let rest = scope.name.dropFirst(outer.count + 1)
    let isNumber = rest.allSatisfy { $0.isNumber || $0 == "*" }
    return isNumber ? "\(outer.split(separator: ".").last ?? "").\(rest)" : String(rest)
  }

  /// - Returns: for each group the cluster that its nodes belong to; nil where they have none.
  func clusters(appendedTo picture: inout GraphPicture) -> [Int?] {
    var identifiers = IdentifierTable()
    var places: [Int?] = []
    // Of the groups that clusters were made for.
    var sizes: [Int: Int] = [:]
    for group in groups {
      let outer = group.key.parent.flatMap { places[$0] } ?? group.key.body
      if group.nodes < 2, group.kind == .module {
        places.append(outer)
      } else if let outer, sizes[outer] == group.nodes, picture.clusters[outer].canTell(of: group.kind) {
        let label = picture.clusters[outer].label
        picture.clusters[outer].label = [label, group.label].filter { !$0.isEmpty }.joined(separator: "/")
        if group.kind != .module { picture.clusters[outer].kind = group.kind }
        places.append(outer)
      } else {
        var cluster = GraphPicture.Cluster(
          id: identifiers.unique("cluster_", group.label), label: group.label)
        cluster.kind = group.kind
        cluster.parent = outer
        sizes[picture.clusters.count] = group.nodes
        places.append(picture.clusters.count)
        picture.clusters.append(cluster)
      }
    }
    return places
  }
}

extension GraphPicture.Cluster {
  /// Whether it can be the cluster of an inner group, too, which is all that lies in it.
  fileprivate func canTell(of inner: Kind) -> Bool {
    inner == .module ? kind != .body : kind == .module
  }
}
