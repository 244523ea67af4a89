import TensorCore

// Rows of the tables behind `Model`. They hold handles and numbers only, so that copying a table is copying
// memory; whatever owns memory (names, attributes, weights, types) lies in side tables that edits rarely touch.

struct NodeRecord: Sendable {
  var op: OperatorID
  var graph: GraphID
  /// Index into `names`.
  var name: UInt32
  /// A run of consecutive operands, and one of consecutive values.
  var firstOperand: UInt32
  var operandCount: UInt32
  var firstOutput: UInt32
  var outputCount: UInt32
  /// Index into `attributeLists`.
  var attributes: UInt32
  /// Index into `annotations`.
  var annotations: UInt32 = 0
  var previous: NodeID?
  var next: NodeID?
  var isErased = false

  var operands: Range<UInt32> { firstOperand..<(firstOperand + operandCount) }
  var outputs: Range<UInt32> { firstOutput..<(firstOutput + outputCount) }
}

/// Where a value comes from.
public enum Definition: Hashable, Sendable {
  case node(NodeID, output: Int)
  /// An input of the graph; with a default value if it has a tensor as well.
  case input(GraphID)
  case initializer(GraphID)
}

struct ValueRecord: Sendable {
  var definition: Definition
  var graph: GraphID
  /// Index into `names`; 0 where the value has none of its own.
  var name: UInt32 = 0
  /// Index into `types`; 0 for unknown.
  var type: UInt32 = 0
  /// Index into `constants`; 0 for none.
  var constant: UInt32 = 0
  /// Index into `annotations`.
  var annotations: UInt32 = 0
  var firstUse: OperandID?
  /// An output that the node leaves out.
  var isOmitted = false
  var isErased = false
}

struct OperandRecord: Sendable {
  /// Nil where an optional input is left out.
  var value: ValueID?
  var user: NodeID
  var nextUse: OperandID?
  var previousUse: OperandID?
}

struct GraphRecord: Sendable {
  var kind: GraphKind
  var name: String
  var inputs: [ValueID] = []
  /// In the file's order; erased ones are filtered when read.
  var initializers: [ValueID] = []
  var outputNames: [String] = []
  var outputAnnotations: [Annotations] = []
  var quantizationAnnotations: [[UInt8]] = []
  var annotations = Annotations()
  var first: NodeID
  /// Reads the graph's outputs, so that they are uses like any other; it ends the list of nodes.
  var terminator: NodeID
  /// Whether the file gave types of inner values: if so they are written again.
  var hasValueTypes = false
  /// Initializers, inputs and outputs for which the file has such an entry as well.
  var valuesWithEntry: [ValueID] = []
  /// The file's types of values that the graph does not have. They are written again while nobody edited the
  /// model: afterwards a new value may have such a name, and another type.
  var foreignValueTypes: [NamedValue] = []
  var isErased = false
}

public enum GraphKind: Hashable, Sendable {
  case main
  /// The body of a control-flow node; nil until a node takes it.
  case body(owner: NodeID?)
  case function(FunctionID)
}

struct FunctionRecord: Sendable {
  var id: OperatorName
  var graph: GraphID
  var requiredAttributes: [String]
  var defaultedAttributes: [Attribute]
  var opsetImports: [OpsetImport]
  var annotations: Annotations
  var isErased = false
}

enum ConstantData: Sendable {
  case none
  case dense(NamedTensor)
  case sparse(SparseTensor)
}

public typealias Attribute = AttributeOf<GraphID>
public typealias AttributeValue = AttributeValueOf<GraphID>
