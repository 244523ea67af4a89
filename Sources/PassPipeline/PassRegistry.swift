import GraphIR
import Rewriting

/// The passes that pipelines can name.
public struct PassRegistry: Sendable {
  /// Sorted by name.
  public let passes: [any Pass.Type]
  private let byName: [String: any Pass.Type]

  public init(_ passes: [any Pass.Type]) {
    // A name is made from that of the type each time that it is asked for.
    let named = passes.map { (name: $0.name, pass: $0) }
    self.passes = named.sorted { $0.name < $1.name }.map(\.pass)
    byName = Dictionary(named.map { ($0.name, $0.pass) }, uniquingKeysWith: { first, _ in first })
  }

  public subscript(name: String) -> (any Pass.Type)? { byName[name] }

  /// The rewrite rules that keep results and need not be asked for, sorted by name: what `rules(*)` stands for.
  public var exactRules: [any RewriteRule.Type] {
    defaultRules.filter { $0.runtime == nil }
  }

  /// The same for a runtime's own operators: what `rules(ort)` stands for.
  public func rules(for runtime: RuntimeName) -> [any RewriteRule.Type] {
    defaultRules.filter { $0.runtime == runtime }
  }

  private var defaultRules: [any RewriteRule.Type] {
    passes.compactMap { $0 as? any RewriteRule.Type }.filter { $0.exactness != .approximate && $0.isDefault }
  }

  /// What is wrong with rules, which use operator names that the compiler does not check.
  public func problems() -> [String] {
    passes.compactMap { $0 as? any RewriteRule.Type }.flatMap { rule in
      rule.init().body.flatMap { $0.problems() }.map { "\(rule.name): \($0)" }
    }
  }
}
