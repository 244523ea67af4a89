import Synchronization
import TensorCore

/// A model: one arena of tables for its main graph, the bodies of its control flow, and its functions.
///
/// A value type. Copies share their tables until one of them is edited, so a variant of a model costs
/// well under a millisecond. The only editor is `Rewriter`, reached through `edit`.
///
/// Do not keep a `Model` in a view or closure that lives across an edit: the edit then copies the tables.
public struct Model: Sendable {
  public internal(set) var header: ModelHeader
  public let mainGraph: GraphID
  /// Renewed by every edit, and unique in the process: what was computed for an edition is valid for it.
  public internal(set) var edition: Edition
  /// What the edits did, oldest first.
  public internal(set) var journal = EditJournal()

  var nodes = Table<NodeID, NodeRecord>()
  var values = Table<ValueID, ValueRecord>()
  var operands = Table<OperandID, OperandRecord>()
  var graphs = Table<GraphID, GraphRecord>()
  var functionTable = Table<FunctionID, FunctionRecord>()
  /// Those that are not erased.
  var functionIDs: [OperatorName: FunctionID] = [:]

  var operators = Table<OperatorID, OperatorName>()
  var operatorIDs: [OperatorName: OperatorID] = [:]
  var names: [String] = [""]
  var attributeLists: [[Attribute]] = [[]]
  var annotations: [NodeAnnotations] = [NodeAnnotations()]
  var types: [AnnotatedType?] = [nil]
  var constants: [ConstantData] = [.none]

  /// A model with an empty main graph.
  public init(header: ModelHeader, graphName: String = "main") {
    self.header = header
    mainGraph = GraphID(rawValue: 0)
    edition = .next()
    _ = intern(.terminator)
    _ = appendGraph(kind: .main, name: graphName)
  }
}

/// See `Model.edition`.
public struct Edition: Hashable, Sendable {
  private let number: UInt64
  private static let counter = Atomic<UInt64>(0)

  static func next() -> Edition {
    Edition(number: counter.add(1, ordering: .relaxed).newValue)
  }
}

/// What a node carries besides its meaning.
struct NodeAnnotations: Sendable {
  var annotations = Annotations()
  var deviceConfigurations: [[UInt8]] = []
}

extension OperatorName {
  /// The pseudo-operator at the end of each graph.
  static let terminator = OperatorName("return", domain: "workbench.internal")
}
