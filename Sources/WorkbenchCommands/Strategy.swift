import Candidates

/// What `--strategies` can name.
enum Strategy {
  private static let all: [any CandidateGenerator.Type] = [AblationGenerator.self]

  static let names = all.map { $0.name }

  /// All there are where none is named.
  static func generators(named names: [String]) -> [any CandidateGenerator] {
    all.filter { names.isEmpty || names.contains($0.name) }.map { $0.init() }
  }
}
