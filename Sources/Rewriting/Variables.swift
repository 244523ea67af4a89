import GraphIR

/// Stands for any value in a pattern; a second occurrence must be the same value.
public struct Var: Hashable, Sendable {
  public let name: String

  public init(_ name: String) {
    self.name = name
  }
}

/// Stands for a constant: an initializer that callers cannot override, or a `Constant` node's result.
public struct Constant: Hashable, Sendable {
  public let name: String

  public init(_ name: String) {
    self.name = name
  }

  /// The same, but the input may also be left out.
  public var optional: OptionalConstant { OptionalConstant(name: name) }
}

/// A constant input that may be left out.
public struct OptionalConstant: Hashable, Sendable {
  public let name: String
}

/// Stands for all remaining inputs of a variadic operator.
public struct Variadic: Hashable, Sendable {
  public let name: String

  public init(_ name: String) {
    self.name = name
  }
}

/// Names a matched node, for its attributes and for what may be asked of it.
public struct Capture: Hashable, Sendable {
  public let name: String
  /// Whether only the pattern may read the node: else replacing it would leave it standing as well.
  public private(set) var isExclusive = false

  public init(_ name: String) {
    self.name = name
  }

  public var exclusive: Capture {
    var copy = self
    copy.isExclusive = true
    return copy
  }

  public static func == (a: Capture, b: Capture) -> Bool { a.name == b.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
