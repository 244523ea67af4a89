import GraphIR

/// What to do with nodes of operators that a new version changed otherwise than their schemas say: a table by
/// operator and version. After its adapter, a node follows its schema (`NodeUpgrade.followSchema`), unless the
/// adapter made another operator of it.
enum OpsetAdapters {
  typealias Change = @Sendable (inout NodeUpgrade, inout Rewriter) throws -> Void

  struct Adapter: Sendable {
    let ops: [String]
    let version: Int
    let change: Change

    init(_ ops: [String], _ version: Int, _ change: @escaping Change) {
      self.ops = ops
      self.version = version
      self.change = change
    }
  }

  static func adapter(for op: String, version: Int) -> Change? { table[Key(op: op, version: version)] }

  private struct Key: Hashable {
    let op: String
    let version: Int
  }

  private static let table: [Key: Change] = {
    let adapters = broadcasting + normalization + softmax + parameters + images + pooling + recurrent
    let entries = adapters.flatMap { adapter in
      adapter.ops.map { (Key(op: $0, version: adapter.version), adapter.change) }
    }
    return Dictionary(entries, uniquingKeysWith: { first, _ in first })
  }()
}
