/// A variation of the exact pipeline: rules that run before all others, passes that are left out, and rules that
/// are no part of it otherwise.
public struct PassPlan: Hashable, Codable, Sendable {
  /// Rules that are driven to their end before the exact pipeline begins, one after the other.
  public var first: [String] = []
  /// Sorted.
  public private(set) var without: [String] = []
  /// Sorted.
  public private(set) var extra: [String] = []

  public init() {}

  public func leavingOut(_ name: String) -> PassPlan {
    var copy = self
    copy.without = (without + [name]).sorted()
    copy.first.removeAll { $0 == name }
    copy.extra.removeAll { $0 == name }
    return copy
  }

  public func adding(_ name: String) -> PassPlan {
    var copy = self
    copy.extra = (extra + [name]).sorted()
    return copy
  }

  public func putting(first name: String) -> PassPlan {
    var copy = self
    copy.first = first.filter { $0 != name } + [name]
    return copy
  }

  /// - Parameter exactRules: what `rules(*)` stands for.
  public func pipeline(exactRules: [String]) -> Pipeline {
    let rules = (exactRules + extra).filter { !without.contains($0) }
    var pipeline = Pipeline.exact.changed(rules: rules == exactRules ? nil : rules, without: Set(without))
    let beginning = pipeline.elements.firstIndex { if case .fixpoint = $0 { true } else { false } }
    pipeline.elements.insert(
      contentsOf: first.map { .rules([$0]) }, at: beginning ?? pipeline.elements.endIndex)
    return pipeline
  }
}

extension PassPlan: CustomStringConvertible {
  public var description: String {
    let parts = [("first ", first), ("without ", without), ("with ", extra)].filter { !$0.1.isEmpty }
    return parts.isEmpty ? "as it is" : parts.map { $0 + $1.joined(separator: ", ") }.joined(separator: "; ")
  }
}

extension Pipeline {
  /// The same with other rules for `rules(*)`, and without some passes.
  fileprivate func changed(rules: [String]?, without: Set<String>) -> Pipeline {
    Pipeline(
      elements.compactMap { element in
        switch element {
        case .pass(let name, _): without.contains(name) ? nil : element
        case .fixpoint(let inner, let limit):
          .fixpoint(inner.changed(rules: rules, without: without), limit: limit)
        case .repeated(let inner, let count):
          .repeated(inner.changed(rules: rules, without: without), count: count)
        case .rules(nil): .rules(rules)
        case .rules: element
        }
      })
  }
}
