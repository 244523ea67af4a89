import Candidates
import CommandLineKit
import PassPipeline
import Passes

/// What has examples to show: a pass, or a strategy of the search.
enum ExampleSource {
  case pass(any Pass.Type)
  case strategy(any Strategy.Type)

  static var all: [ExampleSource] {
    PassRegistry.builtIn.passes.map { .pass($0) } + StrategyRegistry.builtIn.strategies.map { .strategy($0) }
  }

  /// - Throws: `CommandError` where neither has the name.
  init(named name: String) throws {
    if let pass = PassRegistry.builtIn[name] {
      self = .pass(pass)
    } else if let strategy = StrategyRegistry.builtIn[name] {
      self = .strategy(strategy)
    } else {
      throw CommandError(
        "there is no pass or strategy '\(name)'",
        help: didYouMean(name, among: Self.all.map(\.name)) + ["`workbench passes` lists all"])
    }
  }

  var name: String {
    switch self {
    case .pass(let type): type.name
    case .strategy(let type): type.name
    }
  }

  var summary: String {
    switch self {
    case .pass(let type): type.summary
    case .strategy(let type): type.summary
    }
  }
}
