/// A rooted tree that grows by leaves and answers questions about ancestors in O(log depth).
///
/// Besides its parent, each vertex has a jump to a far ancestor, chosen so that any ancestor is reached in
/// logarithmically many steps (skew-binary jumps: E. Myers, "An applicative random-access stack", IPL 1983).
struct AncestorTree {
  private var parents: [Int]
  private var jumps: [Int]
  private var depths: [Int]

  /// A tree for vertices below `capacity`, of which only `root` is there.
  init(root: Int, capacity: Int) {
    parents = [Int](repeating: -1, count: capacity)
    jumps = parents
    depths = parents
    parents[root] = root
    jumps[root] = root
    depths[root] = 0
  }

  func contains(_ vertex: Int) -> Bool { depths[vertex] >= 0 }

  /// Nil for the root and for vertices that are not in the tree.
  func parent(of vertex: Int) -> Int? {
    depths[vertex] > 0 ? parents[vertex] : nil
  }

  /// Adds `vertex` below `parent`, which is in the tree.
  mutating func add(_ vertex: Int, below parent: Int) {
    let jump = jumps[parent]
    let isSameStride = depths[parent] - depths[jump] == depths[jump] - depths[jumps[jump]]
    parents[vertex] = parent
    depths[vertex] = depths[parent] + 1
    jumps[vertex] = isSameStride ? jumps[jump] : parent
  }

  func commonAncestor(_ a: Int, _ b: Int) -> Int {
    var a = ancestor(of: a, atDepth: depths[b])
    var b = ancestor(of: b, atDepth: depths[a])
    while a != b {
      if jumps[a] != jumps[b] {
        (a, b) = (jumps[a], jumps[b])
      } else {
        (a, b) = (parents[a], parents[b])
      }
    }
    return a
  }

  /// Whether `a` is `b` or lies on the path from `b` to the root; false where one of them is not in the tree.
  func isAncestor(_ a: Int, of b: Int) -> Bool {
    contains(a) && contains(b) && ancestor(of: b, atDepth: depths[a]) == a
  }

  /// `vertex` itself where it is not deeper than `depth`.
  private func ancestor(of vertex: Int, atDepth depth: Int) -> Int {
    var vertex = vertex
    while depths[vertex] > depth {
      vertex = depths[jumps[vertex]] >= depth ? jumps[vertex] : parents[vertex]
    }
    return vertex
  }
}
