/// Samples in groups of like difficulty, so that few of each group tell what many at random would.
///
/// Changes of a model turn over decisions that were close. Most of the variance of a loss is in the samples of small
/// margin: these are run first, and the others by part, each group weighted by its size (stratified sampling with more
/// samples where the variance is; Cochran, Sampling Techniques, ch. 5). Groups are made from what the original says,
/// before anything is tried, so that estimates stay unbiased.
struct Strata: Sendable {
  /// Shares of all samples, from the closest decisions to the clearest.
  private static let shares = [0.15, 0.25, 0.6]
  /// Which part of each group the first portions hold in all; the last holds everything.
  private static let parts: [[Double]] = [
    [0.3, 0.08, 0.04], [1, 0.2, 0.08], [1, 0.6, 0.12], [1, 1, 0.15], [1, 1, 1],
  ]

  /// Positions of samples, in the order in which they are run.
  let order: [Int]
  /// Of each sample in that order.
  let groups: [UInt8]
  /// Where portions end in that order.
  let portionEnds: [Int]

  /// Of the groups, adding up to one.
  static var weights: [Double] { shares }

  /// - Parameter margins: of each sample.
  init(margins: [Double]) {
    let ranked = margins.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }
    var members: [ArraySlice<Int>] = []
    var start = 0
    for (group, share) in Self.shares.enumerated() {
      let isLast = group == Self.shares.count - 1
      let end =
        isLast ? ranked.count : min(ranked.count, start + Int((share * Double(ranked.count)).rounded(.up)))
      // In the order of the samples, which is random.
      members.append(ranked[start..<end].sorted()[...])
      start = end
    }
    let counts = members.map(\.count)
    var (order, groups, ends): ([Int], [UInt8], [Int]) = ([], [], [])
    for parts in Self.parts {
      let wanted = zip(counts, parts).map { Int((Double($0) * $1).rounded(.up)) }
      let taken = zip(counts, members).map { $0 - $1.count }
      for (group, position) in Self.mixed(zip(wanted, taken).map { $0 - $1 }, of: &members) {
        order.append(position)
        groups.append(UInt8(group))
      }
      if order.count > ends.last ?? 0 { ends.append(order.count) }
    }
    (self.order, self.groups, portionEnds) = (order, groups, ends)
  }

  /// So many of each group, in an order in which every beginning holds about as large a part of each.
  private static func mixed(_ wanted: [Int], of members: inout [ArraySlice<Int>]) -> [(Int, Int)] {
    var places: [(place: Double, group: Int)] = []
    for (group, count) in wanted.enumerated() where count > 0 {
      for number in 0..<count { places.append(((Double(number) + 0.5) / Double(count), group)) }
    }
    return places.sorted { ($0.place, $0.group) < ($1.place, $1.group) }
      .compactMap { place in members[place.group].popFirst().map { (place.group, $0) } }
  }
}
