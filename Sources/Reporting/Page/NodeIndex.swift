import GraphIR
import Rendering

/// What reports call nodes, and what pictures call them.
public struct NodeNames: Sendable {
  private var names: [String: String] = [:]

  /// - Parameter models: all that a report speaks of.
  public init(of models: [Model]) {
    for model in models {
      for node in model.allNodes { names[model.label(of: node)] = model.pictureName(of: node) }
    }
  }

  fileprivate subscript(label: String) -> String? { names[label] }
}

/// Which rows of tables speak of which nodes of pictures: nodes have numbers, so that nothing of a model's names is in
/// a link.
struct NodeIndex: Sendable {
  private let names: NodeNames
  private var numbers: [String: Int] = [:]
  private var entries: [Int: Entry] = [:]

  struct Entry {
    var number: Int
    /// Where the node leads to.
    var row: HTML.Anchor
    /// Whether the keyboard stops at the node. Rows of regions speak of every other node: a reader comes from there,
    /// and is not led through all of them.
    var isStop: Bool
  }

  /// A row marks at most so many.
  private static let limit = 400

  init(_ names: NodeNames) { self.names = names }

  /// - Parameter labels: of the nodes that a row speaks of. The first row that speaks of a node is where it leads to.
  mutating func add(_ labels: [String], row: HTML.Anchor, isStop: Bool = false) {
    for number in labels.prefix(Self.limit).compactMap({ assignNumber(to: $0) }) where entries[number] == nil
    {
      entries[number] = Entry(number: number, row: row, isStop: isStop)
    }
  }

  /// Nodes that are only to be found.
  mutating func add(_ labels: [String]) {
    for label in labels.prefix(Self.limit) { _ = assignNumber(to: label) }
  }

  private mutating func assignNumber(to label: String) -> Int? {
    guard let name = names[label] else { return nil }
    if let number = numbers[name] { return number }
    let number = numbers.count + 1
    numbers[name] = number
    return number
  }

  func numbers(of labels: [String]) -> [Int] {
    labels.prefix(Self.limit).compactMap { names[$0].flatMap { numbers[$0] } }
  }

  /// Nil where no row speaks of the node.
  func entry(of node: GraphPicture.Node) -> Entry? {
    node.name.flatMap { numbers[$0] }.flatMap { entries[$0] }
  }

  /// Of all nodes of the model that it stands for, its own first.
  func numbers(of node: GraphPicture.Node) -> [Int] {
    ((node.name.map { [$0] } ?? []) + node.inner).compactMap { numbers[$0] }
  }
}
