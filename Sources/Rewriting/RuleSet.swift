import GraphIR

/// Rewrites of one or several rules, ready for the driver: ordered by benefit, then by name.
public struct RuleSet: Sendable {
  struct Rule: Sendable {
    let name: String
    let rewrite: Rewrite
    /// Where its pattern's sketch lies.
    let sketch: Int32
  }

  let rules: [Rule]
  let sketches: PatternSketches
  /// The rules, by places in `rules`, that can have the operator at their roots.
  let rulesByRoot: [OperatorName: [Int]]

  public init(_ groups: [(name: String, rewrites: [Rewrite])]) {
    var sketches = PatternSketches()
    rules = Self.ordered(
      groups.flatMap { group in
        group.rewrites.map { Rule(name: group.name, rewrite: $0, sketch: sketches.add($0.pattern)) }
      })
    self.sketches = sketches
    var rulesByRoot: [OperatorName: [Int]] = [:]
    for (index, rule) in rules.enumerated() {
      for root in Set(rule.rewrite.pattern.roots) { rulesByRoot[root, default: []].append(index) }
    }
    self.rulesByRoot = rulesByRoot
  }

  private static func ordered(_ rules: [Rule]) -> [Rule] {
    rules.enumerated()
      .sorted { a, b in
        if a.element.rewrite.benefit != b.element.rewrite.benefit {
          return a.element.rewrite.benefit > b.element.rewrite.benefit
        }
        return a.element.name != b.element.name ? a.element.name < b.element.name : a.offset < b.offset
      }
      .map(\.element)
  }
}

extension Term {
  var roots: [OperatorName] {
    switch kind {
    case .node(let node): [node.op]
    case .either(let terms): terms.flatMap(\.roots)
    default: []
    }
  }
}

// MARK: Validation

extension Rewrite {
  /// What is wrong with the rewrite, for registration to report: operator names that no schema has, too many
  /// inputs, attributes that the operator does not have, a root that is no operator, and variables on the
  /// right that the pattern does not bind. Right sides that closures make show theirs when they are made.
  public func problems() -> [String] {
    var problems = pattern.roots.isEmpty ? ["the pattern's root must be an operator"] : []
    problems += pattern.problems()
    if pattern.containsResults { problems.append("a pattern cannot contain a tensor or a value") }
    guard let right = fixedReplacement else { return problems }
    let bound = Set(pattern.variables)
    problems += right.problems()
    problems += right.variables.filter { !bound.contains($0) }.map {
      "\($0) stands on the right, but not in the pattern"
    }
    return problems
  }
}

extension Term {
  fileprivate func problems() -> [String] {
    switch kind {
    case .either(let terms): return terms.flatMap { $0.problems() }
    case .node(let node): return node.problems() + node.inputs.flatMap { $0.problems() }
    default: return []
    }
  }

  private var children: [Term] {
    switch kind {
    case .either(let terms): terms
    case .node(let node): node.inputs
    default: []
    }
  }

  /// The names of all variables, in order of occurrence.
  fileprivate var variables: [String] {
    switch kind {
    case .variable(let variable): [variable.name]
    case .constant(let constant): [constant.name]
    case .optionalConstant(let constant): [constant.name]
    case .variadic(let variadic): [variadic.name]
    default: children.flatMap(\.variables)
    }
  }

  /// Whether it has parts that only stand on the right.
  fileprivate var containsResults: Bool {
    switch kind {
    case .tensor, .value: true
    default: children.contains { $0.containsResults }
    }
  }
}

extension NodeTerm {
  fileprivate func problems() -> [String] {
    let versions = OperatorSchema.versions(of: op)
    // Runtimes' own domains have no schemas here.
    guard !versions.isEmpty else {
      return op.domain.isEmpty || op.domain == "ai.onnx.ml" ? ["there is no operator \(op)"] : []
    }
    var problems: [String] = []
    // A list of remaining inputs may be empty.
    let least = inputs.count { if case .variadic = $0.kind { false } else { true } }
    if !versions.contains(where: { $0.inputCounts.upperBound >= least }) {
      problems.append("\(op) takes fewer than \(least) inputs")
    }
    for attribute in attributes.attributes
    where !versions.contains(where: { $0.attribute(named: attribute.name) != nil }) {
      problems.append("\(op) has no attribute '\(attribute.name)'")
    }
    return problems
  }
}
