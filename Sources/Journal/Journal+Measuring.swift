extension Journal {
  /// The outcome that the journal has, or else the one of `body`, which it then keeps.
  ///
  /// - Parameters:
  ///   - isFinal: whether an error of `body` is an outcome too, so that the measurement is not tried again.
  ///   - body: gives the outcome and what it has cost.
  /// - Throws: `RecordedFailure`, what `body` throws, `JournalError`.
  public func measured<Outcome: Recordable>(
    _ entry: JournalEntry, isFinal: (any Error) -> Bool,
    _ body: () throws -> (outcome: Outcome, cost: Double)
  ) throws -> Measured<Outcome> {
    if let known: Measured<Outcome> = try replayed(entry) { return known }
    let start = ContinuousClock.now
    func seconds() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    do {
      let (outcome, cost) = try body()
      keep { try record(entry, outcome, cost: cost, seconds: seconds()) }
      return Measured(outcome, cost: cost)
    } catch let error where isFinal(error) {
      keep { try record(entry, failure: "\(error)", seconds: seconds()) }
      throw error
    }
  }

  /// What cannot be written (the disk is full, say) is measured all the same; only a later run misses it.
  private func keep(_ writing: () throws -> Void) {
    do {
      try writing()
    } catch {
      failure = failure ?? error
    }
  }

  private func replayed<Outcome: Recordable>(_ entry: JournalEntry) throws -> Measured<Outcome>? {
    let rows = try database.rows(
      "SELECT outcome, cost, failure FROM measurement WHERE key = ?", [.text("\(entry.key)")])
    guard let row = rows.first else { return nil }
    if let failure = row[2].text { throw RecordedFailure(description: failure) }
    guard let columns = row[0].blob.flatMap({ ColumnCoding.columns(of: $0) }),
      let outcome = Outcome(columns: columns), let cost = row[1].real, cost.isFinite
    else {
      throw JournalError.unusable(
        path: database.path, reason: "the outcome of '\(entry.subject)' cannot be read")
    }
    return Measured(outcome, cost: cost, isReplayed: true)
  }

  private func record(
    _ entry: JournalEntry, _ outcome: some Recordable, cost: Double, seconds: Double
  ) throws {
    let summary = outcome.summary
    try insert(
      entry, cost: cost, seconds: seconds,
      [
        summary.map { .real($0.value) } ?? .null, summary.map { .real($0.standardError) } ?? .null,
        .blob(ColumnCoding.bytes(of: outcome.columns)), .null,
      ])
  }

  private func record(_ entry: JournalEntry, failure: String, seconds: Double) throws {
    try insert(entry, cost: 0, seconds: seconds, [.null, .null, .null, .text(failure)])
  }

  private func insert(
    _ entry: JournalEntry, cost: Double, seconds: Double, _ outcome: [Database.Value]
  ) throws {
    let columns: [Database.Value] = [
      .text("\(entry.key)"), .text(entry.kind.rawValue), .text(entry.stage),
      .text(entry.subject), .integer(entry.samples), .real(cost), .real(seconds),
    ]
    try database.run(
      """
      INSERT OR REPLACE INTO measurement
        (key, kind, stage, subject, samples, cost, seconds, value, standard_error, outcome, failure)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, columns + outcome)
  }
}
