import GraphIR

/// Regions that follow each other: two of the `cuts` bound one, unless a shape is taken between them and read
/// behind them.
public struct RegionRun: Hashable, Sendable {
  /// At least two values. Data goes from each to the next only, except from the last.
  public let cuts: [ValueID]
  /// The nodes between cuts[i] and cuts[i + 1].
  let links: [[NodeID]]
  /// The cuts, by index, through which everything goes that links[i] and cuts[i] give to others, shapes
  /// included; `Int.max` where there is none in this run.
  private let outletOfLink: [Int]
  private let outletOfCut: [Int]

  init(_ chain: [RegionLink], in flow: DataFlow) {
    let vertices = chain.prefix(1).map(\.entry) + chain.map(\.exit)
    cuts = vertices.compactMap { flow.value(at: $0) }
    links = chain.map(\.nodes)
    outletOfLink = chain.indices.map { index in
      Self.firstCut(after: index, of: vertices) { flow.postDominates($0, chain[index].outlet) }
    }
    outletOfCut = vertices.indices.map { index in
      Self.firstCut(after: index, of: vertices) { flow.postDominates($0, vertices[index]) }
    }
  }

  /// Cuts are ancestors of each other in the tree of post-dominators, so a search by halving would do; nearly
  /// always the first is it.
  private static func firstCut(after index: Int, of vertices: [Int], where fits: (Int) -> Bool) -> Int {
    vertices.indices.dropFirst(index + 1).prefix(64).first { fits(vertices[$0]) } ?? .max
  }

  /// Whether nothing that is computed between the two cuts is read behind the second, but through it.
  func isRegion(from first: Int, to last: Int) -> Bool {
    guard first >= 0, first < last, last < cuts.count else { return false }
    return outletOfLink[first..<last].allSatisfy { $0 <= last }
      && outletOfCut[(first + 1)..<last].allSatisfy { $0 <= last }
  }

  /// The longest regions, as pairs of cuts; those of a single link too. They do not overlap.
  var longestRegions: [(first: Int, last: Int)] {
    var result: [(first: Int, last: Int)] = []
    var first = 0
    while first < links.count {
      let last = longest(from: first)
      if let last { result.append((first: first, last: last)) }
      first = last ?? first + 1
    }
    return result
  }

  private func longest(from first: Int) -> Int? {
    var needed = 0
    var longest: Int?
    for last in (first + 1)..<cuts.count {
      needed = max(needed, outletOfLink[last - 1], last - 1 > first ? outletOfCut[last - 1] : 0)
      if needed == .max { break }
      if needed <= last { longest = last }
    }
    return longest
  }

  func nodes(from first: Int, to last: Int) -> [NodeID] { links[first..<last].flatMap { $0 } }
}
