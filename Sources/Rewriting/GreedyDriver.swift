import GraphIR
import TensorCore

/// Applies rules until none matches: a worklist of nodes, a table of rules by root operator. After an
/// application only its neighbourhood is looked at again, so the work is proportional to what changed.
public struct GreedyDriver {
  /// Why the driver stopped.
  public enum StopReason: Hashable, Sendable {
    case fixedPoint
    /// Rules that undo each other: `applications` reached the limit.
    case limit(applications: Int)
    /// As many applications as were asked for.
    case budget
  }

  /// A rule that threw what no rule may throw. It is off from then on.
  public struct Failure: Sendable {
    public let rule: String
    public let message: String
  }

  private let rules: RuleSet
  /// Names of rules that are not tried.
  private var disabled: Set<String>
  /// By handles of operators: the places of their rules.
  private var rulesByOperator: [[Int]] = []
  private var numbering = PatternSketches.Numbering()
  /// For each rule of the set, how many roots it was tried at.
  private var tries: [Int]
  private var applications = 0
  private var worklist: Worklist
  public private(set) var statistics = RuleStatistics()
  public private(set) var failures: [Failure] = []

  public init(_ rules: RuleSet, without disabled: Set<String> = []) {
    self.rules = rules
    self.disabled = disabled
    tries = [Int](repeating: 0, count: rules.rules.count)
    worklist = Worklist()
  }

  /// Rewrites main graph, bodies and functions.
  /// - Parameter budget: stops after so many applications; the same number gives the same model.
  public mutating func run(on model: inout Model, atMost budget: Int = .max) -> StopReason {
    (rulesByOperator, numbering) = ([], PatternSketches.Numbering())
    for node in model.allNodes { worklist.push(node) }
    let limit = 1000 + 20 * worklist.count
    defer { noteTries() }
    while let node = worklist.pop() {
      guard applications < budget else { return .budget }
      guard !model.isErased(node), rewrite(node, in: &model) else { continue }
      if applications >= limit { return .limit(applications: limit) }
    }
    return .fixedPoint
  }

  /// Applies the first rule that matches at `node`.
  private mutating func rewrite(_ node: NodeID, in model: inout Model) -> Bool {
    for index in candidates(for: node, in: model) {
      tries[index] += 1
      let sketch = rules.rules[index].sketch
      guard rules.sketches.mayMatch(sketch, at: node, in: model, numbering) else { continue }
      let rule = rules.rules[index]
      guard !disabled.contains(rule.name) else { continue }
      let replacement: [Blueprint]?
      do {
        replacement = try Self.probe(rule, at: node, in: model)
      } catch let failure as MatchFailure {
        statistics.noteRefusal(rule.name, failure.reason)
        continue
      } catch let failure as TensorError {
        statistics.noteRefusal(rule.name, failure.description)
        continue
      } catch {
        disabled.insert(rule.name)
        failures.append(Failure(rule: rule.name, message: "\(model.label(of: node)): \(error)"))
        continue
      }
      guard let replacement else { continue }
      if apply(replacement, of: rule, at: node, in: &model) {
        statistics.noteApplication(rule.name)
        applications += 1
        return true
      }
    }
    return false
  }

  private mutating func candidates(for node: NodeID, in model: Model) -> [Int] {
    rules.sketches.extend(&numbering, by: model)
    for index in rulesByOperator.count..<model.namedOperatorCount {
      let name = model.operatorName(OperatorID(rawValue: UInt32(index)))
      let found = rules.rulesByRoot[name, default: []]
      rulesByOperator.append(found.filter { !disabled.contains(rules.rules[$0].name) })
    }
    return rulesByOperator[model.operatorID(of: node).index]
  }

  private mutating func noteTries() {
    for (rule, count) in zip(rules.rules, tries) where count > 0 { statistics.noteTries(rule.name, count) }
    tries = tries.map { _ in 0 }
  }

  /// Matches and resolves. Not inlined, so that the match, and its copy of the model, is gone on return.
  @inline(never)
  private static func probe(_ rule: RuleSet.Rule, at node: NodeID, in model: Model) throws -> [Blueprint]? {
    var matcher = Matcher(model: model, root: node)
    guard matcher.match(rule.rewrite.pattern, root: node) else { return nil }
    let match = Match(model: model, root: node, bindings: matcher.bindings)
    let terms = try rule.rewrite.replacement(match)
    for (index, output) in model.outputs(of: node).enumerated() where index >= terms.count {
      guard !model.hasUses(output) else {
        throw MatchFailure("output \(index), which the rule does not replace, is read")
      }
    }
    let blueprints = try terms.map { try match.blueprint(of: $0) }
    try check(blueprints, in: match)
    if rule.rewrite.mustShrink {
      try match.require(
        blueprints.reduce(0) { $0 + $1.nodeCount } < match.goneNodes(after: blueprints),
        "others read what it would replace, so that not fewer nodes would remain")
    }
    return blueprints
  }

  /// Refuses values of another type, and what would change nothing: an `Identity` that a graph's output needs.
  private static func check(_ blueprints: [Blueprint], in match: Match) throws {
    let model = match.model
    let isIdentity = model.operatorName(of: match.root) == OperatorName("Identity")
    for (blueprint, old) in zip(blueprints, model.outputs(of: match.root)) where model.hasUses(old) {
      if let type = model.type(of: old), let new = match.type(of: blueprint), type.contradicts(new) {
        throw MatchFailure("a value of type \(new) cannot replace one of type \(type)")
      }
      if isIdentity, case .value(let new) = blueprint, model.needsIdentity(toReplace: old, with: new) {
        throw MatchFailure("a graph's output needs it")
      }
    }
  }

  // MARK: Applying

  private mutating func apply(
    _ replacement: [Blueprint], of rule: RuleSet.Rule, at root: NodeID, in model: inout Model
  ) -> Bool {
    let inputs = model.inputs(of: root).compactMap { $0 }
    let readers = model.outputs(of: root).flatMap { model.users(of: $0) }
    let outcome = model.edit(as: rule.name) { rewriter in
      Self.replace(root, by: replacement, with: &rewriter)
    }
    if let refusal = outcome.refusal {
      statistics.noteRefusal(rule.name, refusal)
      return false
    }
    for node in outcome.created { push(node, andUsersIn: model) }
    for value in inputs + outcome.replacing where !isHub(value, in: model) {
      pushNeighbours(of: value, in: model)
    }
    if outcome.replacing.contains(where: { isHub($0, in: model) }) {
      for reader in readers { push(reader, andUsersIn: model) }
    }
    return true
  }

  private struct Outcome {
    var created: [NodeID] = []
    var replacing: [ValueID] = []
    var refusal: String?
  }

  private static func replace(
    _ root: NodeID, by replacement: [Blueprint], with rewriter: inout Rewriter
  ) -> Outcome {
    var builder = BlueprintBuilder(root: root)
    var outcome = Outcome()
    let olds = rewriter.model.outputs(of: root)
    for (blueprint, old) in zip(replacement, olds) where rewriter.model.hasUses(old) {
      guard let new = builder.build(blueprint, with: &rewriter) else { continue }
      outcome.replacing.append(new)
      do {
        try rewriter.replaceAllUses(of: old, with: new)
      } catch {
        // Nothing reads what was built, so that erasing it undoes the attempt.
        for node in builder.created.reversed() { rewriter.eraseIfDead(node) }
        return Outcome(refusal: "\(error)")
      }
    }
    rewriter.eraseIfDead(root)
    builder.nameNodes(with: &rewriter)
    outcome.created = builder.created
    return outcome
  }

  // MARK: Worklist

  /// Whether so many nodes read the value that one more or less means nothing to them: a constant that all blocks
  /// of a network share. Looking at all of them after each application would take quadratic time.
  private func isHub(_ value: ValueID, in model: Model) -> Bool {
    model.hasMoreUses(of: value, than: Self.mostNeighbours)
  }

  private static let mostNeighbours = 64

  private mutating func push(_ node: NodeID, andUsersIn model: Model) {
    guard !model.isErased(node) else { return }
    worklist.push(node)
    for output in model.outputs(of: node) { pushNeighbours(of: output, in: model) }
  }

  /// A value's producer may have lost a reader and thereby become exclusive; its readers see another input.
  private mutating func pushNeighbours(of value: ValueID, in model: Model) {
    guard !model.isErased(value) else { return }
    if let producer = model.producer(of: value) { worklist.push(producer) }
    for user in model.users(of: value) {
      worklist.push(user)
      // Patterns reach deeper than one operator: look at the readers' readers, too.
      for next in model.outputs(of: user).flatMap({ model.users(of: $0) }) { worklist.push(next) }
    }
  }
}

/// Builds blueprints before a root.
private struct BlueprintBuilder {
  let root: NodeID
  private(set) var created: [NodeID] = []
  /// For each created node, the matched one whose name it may inherit.
  private var origins: [NodeID] = []

  init(root: NodeID) {
    self.root = root
  }

  /// Names of nodes are unique, so each goes to one new node, and only from a node that is gone. The last ones,
  /// which give the result, choose first.
  func nameNodes(with rewriter: inout Rewriter) {
    var isTaken: Set<NodeID> = []
    for (node, origin) in zip(created, origins).reversed() {
      let heir = [origin, root].first { rewriter.model.isErased($0) && !isTaken.contains($0) }
      guard let heir else { continue }
      isTaken.insert(heir)
      rewriter.setName(of: node, to: rewriter.model.name(of: heir))
    }
  }

  mutating func build(_ blueprint: Blueprint, with rewriter: inout Rewriter) -> ValueID? {
    switch blueprint {
    case .absent: return nil
    case .value(let value): return value
    case .tensor(let tensor):
      return rewriter.addConstant(tensor, in: rewriter.model.graph(of: root))
    case .node(let node):
      let inputs = node.inputs.map { build($0, with: &rewriter) }
      rewriter.importDomain(of: node.op, in: rewriter.model.graph(of: root))
      let id = rewriter.insert(
        node.op, inputs: inputs, outputs: node.types, attributes: node.attributes, before: root)
      created.append(id)
      origins.append(node.origin)
      return rewriter.model.outputs(of: id)[node.output]
    }
  }
}
