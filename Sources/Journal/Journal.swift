/// What a run has measured, in a file that outlives it: a run that was cut short goes on where it was, and one that
/// is repeated finds the same latencies.
///
/// Whoever begins again asks for the same measurements in the same order, and gets those that were made. The file is
/// an SQLite database; its tables are described in `Docs/Journal.md`.
public final class Journal {
  let database: Database
  public var path: String { database.path }
  /// Why something could not be written, where that happened.
  public internal(set) var failure: (any Error)?

  /// - Parameters:
  ///   - settings: everything that outcomes depend on besides what is measured, by name: data, seed, versions.
  ///   - details: what else is worth keeping; a run that goes on may have others.
  ///   - isResuming: whether the file may exist. It has to be of a run with the same settings.
  /// - Throws: `JournalError`.
  public init(
    path: String, settings: [(name: String, value: String)], details: [(name: String, value: String)] = [],
    isResuming: Bool
  ) throws {
    database = try Database(path: path)
    try database.transaction {
      for table in Self.tables { try database.run(table) }
    }
    let known = try self.settings()
    guard !known.isEmpty else {
      try write(settings + details)
      return
    }
    guard isResuming else {
      throw JournalError.otherRun(path: path, differences: ["it is of an earlier run"])
    }
    let differences = settings.filter { known[$0.name] != $0.value }
      .map { "\($0.name) was \(known[$0.name] ?? "unknown"), and is \($0.value)" }
    guard differences.isEmpty else { throw JournalError.otherRun(path: path, differences: differences) }
  }

  /// Opens what another run has left.
  public init(reading path: String) throws {
    database = try Database(path: path, isNew: false)
    guard try !settings().isEmpty else { throw JournalError.unusable(path: path, reason: "it holds no run") }
  }

  /// By their names.
  public func settings() throws -> [String: String] {
    var settings: [String: String] = [:]
    for row in try database.rows("SELECT name, value FROM setting") {
      if let name = row[0].text, let value = row[1].text { settings[name] = value }
    }
    return settings
  }

  public func measurementCount() throws -> Int {
    try database.rows("SELECT count(*) FROM measurement")[0][0].integer ?? 0
  }

  private func write(_ settings: [(name: String, value: String)]) throws {
    try database.transaction {
      for (name, value) in settings {
        try database.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", [.text(name), .text(value)])
      }
    }
  }

  private static let tables = [
    "CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS measurement (
      id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, stage TEXT NOT NULL,
      subject TEXT NOT NULL, samples INTEGER NOT NULL, cost REAL NOT NULL, seconds REAL NOT NULL,
      value REAL, standard_error REAL, outcome BLOB, failure TEXT)
    """,
    """
    CREATE TABLE IF NOT EXISTS look (
      id INTEGER PRIMARY KEY, plan TEXT NOT NULL, title TEXT NOT NULL, samples INTEGER NOT NULL,
      error_share REAL NOT NULL, accepted INTEGER NOT NULL, loss REAL, upper_bound REAL)
    """,
    """
    CREATE TABLE IF NOT EXISTS point (
      number INTEGER PRIMARY KEY, summary TEXT NOT NULL, model BLOB)
    """,
  ]
}
