import Foundation
import Journal
import Testing

@Suite struct JournalTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID()).sqlite").path
  private let settings = [(name: "seed", value: "0"), (name: "model", value: "abc")]

  struct Loss: Recordable, Equatable {
    var columns: [[Double]]
    init(_ losses: [Double]) { columns = [losses] }
    init?(columns: [[Double]]) {
      guard columns.count == 1 else { return nil }
      self.columns = columns
    }
  }

  struct Crash: Error {}

  private func entry(_ key: String) -> JournalEntry {
    JournalEntry(.loss, of: "layer 3", stage: "scoring", samples: 2, inputs: [Fingerprint(key)])
  }

  @Test func whatWasMeasuredIsNotMeasuredAgain() throws {
    let losses = Loss([0.1, -.infinity, .zero])
    do {
      let journal = try Journal(path: path, settings: settings, isResuming: false)
      let first = try journal.measured(entry("a"), isFinal: { _ in true }) { (losses, 3.5) }
      #expect(!first.isReplayed)
    }
    let journal = try Journal(path: path, settings: settings, isResuming: true)
    let again: Measured<Loss> = try journal.measured(entry("a"), isFinal: { _ in true }) {
      Issue.record("was measured again")
      return (losses, 0)
    }
    #expect(again.isReplayed && again.cost == 3.5 && again.outcome == losses)
  }

  /// A crash of the engine would come again; an interrupt says nothing about the candidate.
  @Test func finalFailuresAreNotTriedAgain() throws {
    let journal = try Journal(path: path, settings: settings, isResuming: false)
    func attempt(_ key: String, isFinal: Bool) throws {
      let _: Measured<Loss> = try journal.measured(entry(key), isFinal: { _ in isFinal }) { throw Crash() }
    }
    #expect(throws: Crash.self) { try attempt("a", isFinal: true) }
    #expect(throws: RecordedFailure.self) { try attempt("a", isFinal: true) }
    #expect(throws: Crash.self) { try attempt("b", isFinal: false) }
    #expect(throws: Crash.self) { try attempt("b", isFinal: false) }
  }

  @Test func anotherRunIsToldBySettings() throws {
    do { _ = try Journal(path: path, settings: settings, isResuming: false) }
    #expect(throws: JournalError.otherRun(path: path, differences: ["seed was 0, and is 7"])) {
      try Journal(path: path, settings: [("seed", "7"), ("model", "abc")], isResuming: true)
    }
    #expect(throws: JournalError.self) { try Journal(path: path, settings: settings, isResuming: false) }
  }

  @Test func twoRunsCannotShareAJournal() throws {
    let journal = try Journal(path: path, settings: settings, isResuming: false)
    #expect(throws: JournalError.inUse(path: path)) {
      try Journal(path: path, settings: settings, isResuming: true)
    }
    withExtendedLifetime(journal) {}
  }

  /// A run that is resumed looks at the same plan again, and learns nothing new.
  @Test func looksAtOtherPlansAddUp() throws {
    let journal = try Journal(path: path, settings: settings, isResuming: false)
    let (first, second) = (Fingerprint("first"), Fingerprint("second"))
    for (plan, share) in [(first, 0.5), (second, 0.25), (second, 0.25)] {
      try journal.add(
        LookRecord(
          plan: plan, title: "", samples: 10, errorShare: share, isAccepted: false, loss: nil, upperBound: nil
        ))
    }
    #expect(try journal.spentOnLooks(without: [], samples: 10) == 0.75)
    #expect(try journal.spentOnLooks(without: [second], samples: 10) == 0.5)
    #expect(try journal.spentOnLooks(without: [first, second], samples: 10) == 0)
    #expect(try journal.spentOnLooks(without: [first, second], samples: 20) == 0.75)
  }

  @Test func aFileThatIsNoJournalIsRefused() throws {
    try Data("not a database, but long enough to look like one: \(String(repeating: "x", count: 200))".utf8)
      .write(to: URL(filePath: path))
    #expect(throws: JournalError.self) { try Journal(path: path, settings: settings, isResuming: true) }
    #expect(throws: JournalError.self) { try Journal(reading: path) }
  }
}
