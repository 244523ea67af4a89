import CSQLite
import Foundation

/// A file of tables that this process alone uses, as long as it is open.
///
/// What a statement has written is in the file when it returns: the end of the process, however it comes, loses
/// nothing of it. (The end of the machine may lose the last statements; https://www.sqlite.org/wal.html.)
final class Database {
  private let handle: OpaquePointer
  let path: String

  /// - Parameter isNew: whether the file need not exist.
  /// - Throws: `JournalError.inUse` where another process has it open.
  init(path: String, isNew: Bool = true) throws {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | (isNew ? SQLITE_OPEN_CREATE : 0)
    let status = sqlite3_open_v2(path, &handle, flags, nil)
    guard let handle, status == SQLITE_OK else {
      let message = handle.map { String(cString: sqlite3_errmsg($0)) }
      sqlite3_close_v2(handle)
      throw JournalError.unusable(path: path, reason: message ?? "no memory")
    }
    self.handle = handle
    self.path = path
    try run("PRAGMA locking_mode = EXCLUSIVE")
    try run("PRAGMA journal_mode = WAL")
    try run("PRAGMA synchronous = NORMAL")
    try transaction {}
  }

  deinit { sqlite3_close_v2(handle) }

  /// All of what `body` writes, or nothing.
  func transaction(_ body: () throws -> Void) throws {
    try run("BEGIN IMMEDIATE")
    do {
      try body()
      try run("COMMIT")
    } catch {
      try? run("ROLLBACK")
      throw error
    }
  }

  func run(_ statement: String, _ values: [Value] = []) throws {
    _ = try rows(statement, values)
  }

  /// The rows of a query, in the order that it gives.
  func rows(_ statement: String, _ values: [Value] = []) throws -> [[Value]] {
    var prepared: OpaquePointer?
    try check(sqlite3_prepare_v2(handle, statement, -1, &prepared, nil))
    defer { sqlite3_finalize(prepared) }
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1), of: prepared) }
    var rows: [[Value]] = []
    while true {
      let status = sqlite3_step(prepared)
      guard status == SQLITE_ROW else {
        if status != SQLITE_DONE { try check(status) }
        return rows
      }
      rows.append((0..<sqlite3_column_count(prepared)).map { column($0, of: prepared) })
    }
  }

  enum Value: Hashable, Sendable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
    case blob([UInt8])
  }

  private func bind(_ value: Value, at index: Int32, of statement: OpaquePointer?) throws {
    switch value {
    case .null: try check(sqlite3_bind_null(statement, index))
    case .integer(let number): try check(sqlite3_bind_int64(statement, index, Int64(number)))
    case .real(let number): try check(sqlite3_bind_double(statement, index, number))
    case .text(let text):
      try check(sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count), Self.copied))
    case .blob(let bytes):
      try check(sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), Self.copied))
    }
  }

  /// The library's way of saying that it copies what it is given: a function pointer of −1.
  private static var copied: sqlite3_destructor_type {
    unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
  }

  private func column(_ index: Int32, of statement: OpaquePointer?) -> Value {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: .integer(Int(sqlite3_column_int64(statement, index)))
    case SQLITE_FLOAT: .real(sqlite3_column_double(statement, index))
    case SQLITE_TEXT: .text(sqlite3_column_text(statement, index).map { String(cString: $0) } ?? "")
    case SQLITE_BLOB:
      .blob(
        Array(
          UnsafeRawBufferPointer(
            start: sqlite3_column_blob(statement, index), count: Int(sqlite3_column_bytes(statement, index))))
      )
    default: .null
    }
  }

  private func check(_ status: Int32) throws {
    guard status != SQLITE_OK else { return }
    if status & 0xff == SQLITE_BUSY { throw JournalError.inUse(path: path) }
    throw JournalError.unusable(path: path, reason: String(cString: sqlite3_errmsg(handle)))
  }
}

extension Database.Value {
  var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var blob: [UInt8]? { if case .blob(let bytes) = self { bytes } else { nil } }

  /// A real column gives whole numbers back as what they are.
  var real: Double? {
    switch self {
    case .real(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }
}
