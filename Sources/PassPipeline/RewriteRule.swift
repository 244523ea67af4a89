import GraphIR
import Rewriting

/// A pass that is a list of rewrites. The driver applies them everywhere in the model; in a pipeline,
/// `rules(a, b)` merges several into one drive.
public protocol RewriteRule: Pass where Options == NoOptions {
  @RewriteBuilder var body: [Rewrite] { get }
  /// Whether `rules(*)` has it. False where the result is smaller and the same, but a widespread runtime is slower
  /// at it: such a rule is asked for by its name.
  static var isDefault: Bool { get }
  /// The runtime whose own operators the results have; nil where any runtime can run them. `rules(*)` has none of
  /// these, `rules(ort)` those of ONNX Runtime.
  static var runtime: RuntimeName? { get }
}

/// Runtimes with operators of their own, as pipelines call them.
public enum RuntimeName: String, CaseIterable, Sendable {
  case onnxRuntime = "ort"
}

extension RewriteRule {
  public static var isDefault: Bool { true }
  public static var runtime: RuntimeName? { nil }

  public func run(on model: inout Model, in context: inout PassContext) throws {
    context.drive(RuleSet([(name: Self.name, rewrites: body)]), on: &model)
  }
}

extension PassContext {
  /// Runs the driver and keeps its statistics; rules that never come to rest or fail are reported.
  mutating func drive(_ rules: RuleSet, on model: inout Model) {
    var driver = GreedyDriver(rules, without: Set(failures.map(\.rule)))
    let reason = driver.run(on: &model, atMost: stepLimit - steps)
    steps += driver.statistics.applications
    statistics.merge(driver.statistics)
    for failure in driver.failures { note(failure) }
    if case .limit(let applications) = reason {
      note("rules were still applying after \(applications) applications; some undo each other")
    }
  }
}
