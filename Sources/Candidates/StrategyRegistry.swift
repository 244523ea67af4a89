/// The strategies that the search knows.
public struct StrategyRegistry: Sendable {
  public let strategies: [any Strategy.Type]

  /// - Parameter strategies: their names differ.
  public init(_ strategies: [any Strategy.Type]) {
    self.strategies = strategies.sorted { ($0.stage, $0.name) < ($1.stage, $1.name) }
  }

  public var names: [String] { strategies.map { $0.name } }

  /// In the order of their stages; all there are where none is named.
  public func makeStrategies(named names: [String]) -> [any Strategy] {
    strategies.filter { names.isEmpty || names.contains($0.name) }.map { $0.init() }
  }
}
