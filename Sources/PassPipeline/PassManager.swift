import GraphIR
import Rewriting

/// Runs pipelines: resolves names, hands each pass the model, and watches what it does.
public struct PassManager: Sendable {
  public var registry: PassRegistry
  public var instrumentation: Instrumentation
  /// Names of passes that are left out of every pipeline.
  public var disabled: Set<String>

  public init(
    registry: PassRegistry, instrumentation: Instrumentation = Instrumentation(), disabled: Set<String> = []
  ) {
    self.registry = registry
    self.instrumentation = instrumentation
    self.disabled = disabled
  }

  /// What one run did.
  public struct Report: Sendable {
    public var timings: [PassTiming] = []
    public var statistics = RuleStatistics()
    public var notes: [String] = []
    /// See `PassContext.stepLimit`.
    public var steps = 0
  }

  /// - Throws: `ModelError` for unknown passes and options before anything runs; what a pass throws, wrapped
  ///   with its name; and what the verifier finds, with the name of the pass that broke the model.
  public func run(_ pipeline: Pipeline, on model: inout Model, in context: PassContext) throws -> Report {
    let steps = try resolve(pipeline)
    var run = Run(context: context, instrumentation: instrumentation)
    if instrumentation.verifiesEach { try Verifier.verify(model) }
    try run.perform(steps, on: &model)
    return Report(
      timings: run.timings, statistics: run.context.statistics, notes: run.context.notes,
      steps: run.context.steps)
  }

  /// Checks that every name and option in the pipeline means something.
  public func validate(_ pipeline: Pipeline) throws {
    for name in disabled.sorted() { _ = try find(name) }
    _ = try resolve(pipeline)
  }

  // MARK: Resolving

  private func resolve(_ pipeline: Pipeline) throws -> [Step] {
    try pipeline.elements.compactMap { element in
      switch element {
      case .pass(let name, let options):
        let pass = try configured(find(name), with: options)
        return disabled.contains(name) ? nil : .pass(name: name, pass)
      case .fixpoint(let inner, let limit): return .fixpoint(try resolve(inner), limit: limit)
      case .repeated(let inner, let count): return .repeated(try resolve(inner), count: count)
      case .rules(let names): return .rules(try ruleSet(names))
      }
    }
  }

  private func find(_ name: String) throws -> any Pass.Type {
    guard let type = registry[name] else {
      throw ModelError("there is no pass '\(name)'", hint: "`workbench passes` lists all")
    }
    return type
  }

  private func ruleSet(_ names: [String]?) throws -> RuleSet {
    let types = try names.map { try $0.flatMap { try rules($0) } } ?? registry.exactRules
    return RuleSet(
      types.filter { !disabled.contains($0.name) }.map { (name: $0.name, rewrites: $0.init().body) })
  }

  /// The rules of a group, or the one of that name.
  private func rules(_ name: String) throws -> [any RewriteRule.Type] {
    if name == Pipeline.allRules { return registry.exactRules }
    return try RuntimeName(rawValue: name).map { registry.rules(for: $0) } ?? [rule(name)]
  }

  private func rule(_ name: String) throws -> any RewriteRule.Type {
    guard let rule = try find(name) as? any RewriteRule.Type else {
      throw ModelError("'\(name)' is no rewrite rule, so it cannot stand in rules(…)")
    }
    return rule
  }

  private func configured<P: Pass>(_ type: P.Type, with options: [Pipeline.Option]) throws -> any Pass {
    var pass = type.init()
    if !options.isEmpty {
      pass.options = try OptionsDecoding.decode(P.Options.self, from: options, pass: P.name)
    }
    try pass.validate()
    return pass
  }
}

/// A pipeline with every name resolved.
private indirect enum Step: Sendable {
  case pass(name: String, any Pass)
  case rules(RuleSet)
  case fixpoint([Step], limit: Int)
  case repeated([Step], count: Int)
}

private struct Run {
  var context: PassContext
  let instrumentation: Instrumentation
  var timings: [PassTiming] = []

  mutating func perform(_ steps: [Step], on model: inout Model) throws {
    for step in steps {
      switch step {
      case .pass(let name, let pass):
        try observe(name, on: &model) { try pass.run(on: &$0, in: &$1) }
      case .rules(let rules):
        try observe("rules", on: &model) { $1.drive(rules, on: &$0) }
      case .repeated(let inner, let count):
        for _ in 0..<count { try perform(inner, on: &model) }
      case .fixpoint(let inner, let limit):
        try performToFixpoint(inner, limit: limit, on: &model)
      }
    }
  }

  private mutating func performToFixpoint(_ steps: [Step], limit: Int, on model: inout Model) throws {
    for _ in 0..<limit {
      let before = model.edition
      try perform(steps, on: &model)
      if model.edition == before { return }
    }
    context.note("a fixpoint was not reached in \(limit) rounds")
  }

  private mutating func observe(
    _ name: String, on model: inout Model, _ body: (inout Model, inout PassContext) throws -> Void
  ) throws {
    guard context.steps < context.stepLimit else { return }
    let (before, stepsBefore) = (model.edition, context.steps)
    let clock = ContinuousClock()
    let start = clock.now
    do {
      try body(&model, &context)
    } catch {
      throw ModelError("pass \(name): \(error)")
    }
    let changed = model.edition != before
    if changed, context.steps == stepsBefore { context.steps += 1 }
    timings.append(PassTiming(pass: name, duration: clock.now - start, changed: changed))
    if changed, instrumentation.verifiesEach {
      do {
        try Verifier.verify(model)
      } catch {
        throw ModelError("pass \(name) broke the model: \(error)", hint: "this is a defect in the pass")
      }
    }
    if changed { instrumentation.afterChange?(name, model) }
  }
}
