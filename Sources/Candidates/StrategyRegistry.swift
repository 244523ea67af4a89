/// The strategies that the search knows.
public struct StrategyRegistry: Sendable {
  public let strategies: [any Strategy.Type]

  /// - Parameter strategies: their names differ.
  public init(_ strategies: [any Strategy.Type]) {
    self.strategies = strategies.sorted { ($0.stage, $0.name) < ($1.stage, $1.name) }
  }

  public subscript(name: String) -> (any Strategy.Type)? { strategies.first { $0.name == name } }

  public var names: [String] { strategies.map { $0.name } }

  /// In the order of their stages; all defaults where none is named.
  /// - Parameter forStorage: whether those that are for storage only are among these.
  public func makeStrategies(named names: [String], forStorage: Bool = true) -> [any Strategy] {
    strategies.filter { strategy in
      names.isEmpty
        ? strategy.isDefault && (forStorage || !strategy.isForStorage) : names.contains(strategy.name)
    }.map { $0.init() }
  }
}
