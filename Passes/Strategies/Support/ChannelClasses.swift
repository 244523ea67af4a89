/// Which channels have to go together: classes of equivalent channels, by union-find.
struct ChannelClasses {
  /// No model that is searched has more channels along all its axes.
  static let mostChannels = 1 << 22

  private var parents: [Int32] = []
  private var pinned: [Bool] = []

  var count: Int { parents.count }

  /// New channels, each in a class of its own; nil where there would be too many.
  mutating func add(_ count: Int) -> [Int32]? {
    guard count > 0, count <= Self.mostChannels - parents.count else { return nil }
    let first = Int32(parents.count)
    let channels = Array(first..<first + Int32(count))
    parents += channels
    pinned += [Bool](repeating: false, count: count)
    return channels
  }

  /// The channel that stands for the whole class: the first of it.
  func representative(of channel: Int32) -> Int32 {
    var channel = channel
    while parents[Int(channel)] != channel { channel = parents[Int(channel)] }
    return channel
  }

  mutating func unite(_ a: Int32, _ b: Int32) {
    let (a, b) = (compressed(a), compressed(b))
    guard a != b else { return }
    let (first, second) = (min(a, b), max(a, b))
    parents[Int(second)] = first
    pinned[Int(first)] = pinned[Int(first)] || pinned[Int(second)]
  }

  /// The class has to stay.
  mutating func pin(_ channel: Int32) { pinned[Int(compressed(channel))] = true }

  func isPinned(_ channel: Int32) -> Bool { pinned[Int(representative(of: channel))] }

  private mutating func compressed(_ channel: Int32) -> Int32 {
    let root = representative(of: channel)
    var channel = channel
    while parents[Int(channel)] != root {
      let next = parents[Int(channel)]
      parents[Int(channel)] = root
      channel = next
    }
    return root
  }
}
