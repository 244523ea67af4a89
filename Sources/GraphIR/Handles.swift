/// Names a row of one of a model's tables. Handles are never reused: one that was erased stays erased.
public protocol Handle: Hashable, Comparable, Sendable, CustomStringConvertible {
  var rawValue: UInt32 { get }
  init(rawValue: UInt32)
  static var prefix: String { get }
}

extension Handle {
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  public var description: String { Self.prefix + String(rawValue) }
  @inlinable public var index: Int { Int(rawValue) }
  init(index: Int) { self.init(rawValue: UInt32(index)) }
}

public struct NodeID: Handle {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let prefix = "n"
}

public struct ValueID: Handle {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let prefix = "%"
}

/// One input slot of one node: a use of a value.
public struct OperandID: Handle {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let prefix = "u"
}

public struct GraphID: Handle {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let prefix = "g"
}

public struct FunctionID: Handle {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let prefix = "f"
}

/// An operator name, interned in one model.
public struct OperatorID: Handle {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let prefix = "op"
}

/// Rows of records, addressed by their own kind of handle.
struct Table<ID: Handle, Record: Sendable>: Sendable {
  private(set) var records: [Record] = []

  var count: Int { records.count }

  subscript(id: ID) -> Record {
    get { records[id.index] }
    _modify { yield &records[id.index] }
  }

  mutating func append(_ record: Record) -> ID {
    records.append(record)
    return ID(index: records.count - 1)
  }
}
