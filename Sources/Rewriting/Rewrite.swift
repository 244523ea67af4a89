import GraphIR

/// One pattern and what it becomes.
public struct Rewrite: Sendable {
  let pattern: Term
  /// One term for each output of the pattern's root that the rewrite replaces.
  let replacement: @Sendable (Match) throws -> [Term]
  /// The right side where it is a term, which can be checked before anything matches.
  let fixedReplacement: Term?
  /// Of several rewrites that match a node, the one with the greatest benefit is applied.
  public private(set) var benefit = 1
  /// Whether it is refused where it would not leave fewer nodes.
  private(set) var mustShrink = false

  init(pattern: Term, replacement: @escaping @Sendable (Match) throws -> [Term]) {
    self.pattern = pattern
    self.replacement = replacement
    fixedReplacement = nil
  }

  init(pattern: Term, replacement: Term) {
    self.pattern = pattern
    self.replacement = { _ in [replacement] }
    fixedReplacement = replacement
  }

  public func benefit(_ benefit: Int) -> Rewrite {
    var copy = self
    copy.benefit = benefit
    return copy
  }
}

extension Rewrite {
  /// The same, refused where it would not leave fewer nodes, because others read what it replaces. For big
  /// patterns this asks for less than exclusive captures: a shared part stands, and the others go.
  public var shrinking: Rewrite {
    var copy = self
    copy.mustShrink = true
    return copy
  }
}

precedencegroup RewritePrecedence {
  lowerThan: AssignmentPrecedence
}

infix operator => : RewritePrecedence

public func => (pattern: Term, replacement: some TermConvertible) -> Rewrite {
  Rewrite(pattern: pattern, replacement: replacement.term)
}

/// The closure throws `MatchFailure` (see `Match.require`) where the rewrite is not allowed.
public func => <Result: TermConvertible>(
  pattern: Term, replacement: @escaping @Sendable (Match) throws -> Result
) -> Rewrite {
  Rewrite(pattern: pattern) { match in [try replacement(match).term] }
}

/// For roots with several outputs: a term for each, in order.
public func => (pattern: Term, replacement: @escaping @Sendable (Match) throws -> [Term]) -> Rewrite {
  Rewrite(pattern: pattern, replacement: replacement)
}

/// Collects the rewrites of a rule's body.
@resultBuilder
public enum RewriteBuilder {
  public static func buildExpression(_ rewrite: Rewrite) -> [Rewrite] { [rewrite] }
  public static func buildExpression(_ rewrites: [Rewrite]) -> [Rewrite] { rewrites }
  public static func buildBlock(_ parts: [Rewrite]...) -> [Rewrite] { parts.flatMap { $0 } }
  public static func buildArray(_ parts: [[Rewrite]]) -> [Rewrite] { parts.flatMap { $0 } }
}

/// "No, because …": the pattern's shape fits but the rewrite is not allowed here.
public struct MatchFailure: Error, Sendable, CustomStringConvertible {
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }

  public var description: String { reason }
}
