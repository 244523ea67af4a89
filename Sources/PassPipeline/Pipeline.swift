/// Passes in order, as text such as `fold-constants, fixpoint(rules(*), eliminate-dead-nodes)`.
///
///     pipeline   ::= element (',' element)*
///     element    ::= name options? | combinator options? '(' pipeline ')'
///     options    ::= '{' key ('=' value)? (' ' key ('=' value)?)* '}'
///     combinator ::= fixpoint | repeat | rules
///
/// `rules(…)` merges rewrite rules into one driver; `*` among them is all exact ones, `ort` those that give operators
/// of ONNX Runtime's own. `fixpoint{limit=N}(…)`
/// repeats until nothing changes, `repeat{count=N}(…)` a fixed number of times.
public struct Pipeline: Hashable, Sendable {
  public indirect enum Element: Hashable, Sendable {
    case pass(name: String, options: [Option])
    case fixpoint(Pipeline, limit: Int)
    case repeated(Pipeline, count: Int)
    /// Names of rules and of groups of them; nil for all exact rules.
    case rules([String]?)
  }

  /// A key without a value is a flag that is set.
  public struct Option: Hashable, Sendable {
    public var key: String
    public var value: String?
  }

  public var elements: [Element]

  public init(_ elements: [Element]) {
    self.elements = elements
  }

  static let defaultLimit = 10
  /// The group of all exact rules.
  static let allRules = "*"

  /// Leaves results as they are, up to rounding.
  public static let exact = Pipeline([
    .pass(name: "inline-functions", options: []),
    .pass(name: "lift-constants", options: []),
    .pass(name: "infer-shapes", options: []),
    .fixpoint(
      Pipeline([
        .pass(name: "fold-constants", options: []),
        .pass(name: "inline-if", options: []),
        .pass(name: "inline-loop", options: []),
        .pass(name: "trim-branches", options: []),
        .pass(name: "trim-loops", options: []),
        .pass(name: "simplify-recurrent", options: []),
        .pass(name: "resolve-reshape-targets", options: []),
        .pass(name: "shorten-shape-computations", options: []),
        // Before rules that round: a threshold may be as close to a number as rounding goes.
        .pass(name: "fold-columns-into-trees", options: []),
        .pass(name: "narrow-tree-tables", options: []),
        .pass(name: "fold-scaling-into-trees", options: []),
        .rules(nil),
        .pass(name: "fold-scaling-into-linear", options: []),
        .pass(name: "fold-scaling-into-support-vectors", options: []),
        .pass(name: "merge-linear-support-vectors", options: []),
        .pass(name: "sink-transposes", options: []),
        .pass(name: "fold-scale-into-weights", options: []),
        .pass(name: "eliminate-common-subexpressions", options: []),
        .pass(name: "split-tiling-slices", options: []),
        .pass(name: "deduplicate-initializers", options: []),
        .pass(name: "eliminate-dead-nodes", options: []),
        .pass(name: "omit-unread-outputs", options: []),
        .pass(name: "infer-shapes", options: []),
      ]), limit: defaultLimit),
    .pass(name: "simplify-trees", options: []),
    .pass(name: "merge-trees", options: []),
    .pass(name: "narrow-tree-tables", options: []),
  ])
}

extension Pipeline: CustomStringConvertible {
  public var description: String { elements.map(\.description).joined(separator: ", ") }
}

extension Pipeline.Element: CustomStringConvertible {
  public var description: String {
    switch self {
    case .pass(let name, let options):
      name + (options.isEmpty ? "" : "{" + options.map(\.description).joined(separator: " ") + "}")
    case .fixpoint(let inner, let limit):
      "fixpoint" + (limit == Pipeline.defaultLimit ? "" : "{limit=\(limit)}") + "(\(inner))"
    case .repeated(let inner, let count): "repeat{count=\(count)}(\(inner))"
    case .rules(let names): "rules(\(names?.joined(separator: ", ") ?? "*"))"
    }
  }
}

extension Pipeline.Option: CustomStringConvertible {
  public var description: String { value.map { "\(key)=\($0)" } ?? key }
}
