/// What each edit did: which rule, and which nodes came and went. Handles stay readable after erasure, so the
/// journal of a finished model explains every difference from the model that it began as.
public struct EditJournal: Sendable {
  public struct Entry: Sendable {
    /// The rule, pass or candidate that made the edit.
    public var author: String
    public var created: [NodeID] = []
    public var erased: [NodeID] = []
    /// Nodes that live on with other operands or attributes.
    public var changed: [NodeID] = []
    public var replaced: [Replacement] = []

    public var isEmpty: Bool { created.isEmpty && erased.isEmpty && changed.isEmpty && replaced.isEmpty }
  }

  /// All uses of `old` became uses of `new`.
  public struct Replacement: Hashable, Sendable {
    public let old: ValueID
    public let new: ValueID
  }

  public private(set) var entries: [Entry] = []

  mutating func append(_ entry: Entry) {
    guard !entry.isEmpty else { return }
    entries.append(entry)
  }
}

extension EditJournal {
  /// How often each author edited, sorted by name.
  public var applications: [(author: String, count: Int)] { applications(since: EditJournal()) }

  /// The same without the edits of `earlier`, which this journal goes on from.
  public func applications(since earlier: EditJournal) -> [(author: String, count: Int)] {
    var counts: [String: Int] = [:]
    for entry in entries.dropFirst(earlier.entries.count) { counts[entry.author, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { (author: $0.key, count: $0.value) }
  }
}
