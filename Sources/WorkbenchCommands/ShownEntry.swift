import Candidates
import PassPipeline
import Rewriting

/// A pass or strategy with its examples, as JSON and as text.
struct ShownEntry: Encodable {
  let name: String
  let summary: String
  let exactness: String
  /// Of a strategy: when a search has it.
  let stage: String?
  let given: String
  let examples: [ShownExample]

  init(_ source: ExampleSource) {
    (name, summary) = (source.name, source.summary)
    switch source {
    case .pass(let type):
      exactness = type.exactness.rawValue
      (stage, given) = (nil, type.given)
      examples = type.examples.map(ShownExample.init)
    case .strategy(let type):
      exactness = Exactness.approximate.rawValue
      (stage, given) = ("\(type.stage)", type.given)
      examples = type.examples.map(ShownExample.init)
    }
  }

  var text: String {
    var lines = ["\(name): \(summary)", "results: \(exactness)"]
    if let stage { lines.append("stage: \(stage)") }
    if !given.isEmpty { lines.append("\ngiven:  \(given)") }
    return (lines + examples.map(\.text)).joined(separator: "\n")
  }
}

struct ShownExample: Encodable {
  let name: String?
  let graph: String
  let becomes: String?
  let unchangedBecause: String?
  /// Of a strategy: the titles of the changes that are made, or how many of the first.
  let changes: String?
  /// The most that an output moves, as squared error relative to its variance.
  let loss: Double?

  init(_ example: Example) {
    (name, graph, changes, loss) = (nil, example.graph, nil, nil)
    switch example.expectation {
    case .becomes(let result): (becomes, unchangedBecause) = (result, nil)
    case .unchanged(let reason): (becomes, unchangedBecause) = (nil, reason)
    }
  }

  init(_ example: StrategyExample) {
    (name, graph) = (example.name, example.graph)
    switch example.expectation {
    case .unchanged(let reason):
      (becomes, unchangedBecause, changes, loss) = (nil, reason, nil, nil)
    case .becomes(let result, let choice, let movement):
      (becomes, unchangedBecause) = (result, nil)
      changes =
        switch choice {
        case .first(let count): count == 1 ? "the first change" : "the first \(count) changes"
        case .titled(let titles): titles.joined(separator: "; ")
        }
      loss = if case .atMost(let limit) = movement { limit } else { 0 }
    }
  }

  fileprivate var text: String {
    var lines = ["\n        \(graph)"]
    if let name { lines = ["\n        # \(name)", "        \(graph)"] }
    lines.append(becomes.map { "becomes \($0)" } ?? "stays, since \(unchangedBecause ?? "no rule applies")")
    if let changes, let loss {
      let effect = loss == 0 ? "outputs stay" : "outputs move by at most \(loss) of their variance"
      lines.append("by      \(changes); \(effect)")
    }
    return lines.joined(separator: "\n")
  }
}
