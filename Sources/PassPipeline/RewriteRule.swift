import GraphIR
import Rewriting

/// A pass that is a list of rewrites. The driver applies them everywhere in the model; in a pipeline,
/// `rules(a, b)` merges several into one drive.
public protocol RewriteRule: Pass where Options == NoOptions {
  @RewriteBuilder var body: [Rewrite] { get }
}

extension RewriteRule {
  public func run(on model: inout Model, in context: inout PassContext) throws {
    try context.drive(RuleSet([(name: Self.name, rewrites: body)]), on: &model)
  }
}

extension PassContext {
  /// Runs the driver and keeps its statistics; rules that never come to rest are reported.
  mutating func drive(_ rules: RuleSet, on model: inout Model) throws {
    var driver = GreedyDriver(rules)
    let reason = try driver.run(on: &model)
    statistics.merge(driver.statistics)
    if case .limit(let applications) = reason {
      note("rules were still applying after \(applications) applications; some undo each other")
    }
  }
}
