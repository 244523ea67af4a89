import TensorCore

/// A model as files and text describe it: values are known by name, nothing is resolved or checked.
///
/// Decoders and parsers produce it and `Model(_:)` links it; `Model.named()` gives it back for encoders and
/// printers. So formats know nothing of the tables behind `Model`, and linking is written once.
public struct NamedModel: Sendable {
  public var header: ModelHeader
  public var graph: NamedGraph
  public var functions: [NamedFunction]

  public init(header: ModelHeader, graph: NamedGraph, functions: [NamedFunction] = []) {
    self.header = header
    self.graph = graph
    self.functions = functions
  }
}

/// What a model says of itself as a whole.
public struct ModelHeader: Sendable {
  public var irVersion: Int
  public var opsetImports: [OpsetImport]
  public var producerName = ""
  public var producerVersion = ""
  public var domain = ""
  public var modelVersion: Int64 = 0
  /// `TrainingInfoProto` messages, undecoded.
  public var trainingInfo: [[UInt8]] = []
  /// `DeviceConfigurationProto` messages, undecoded.
  public var deviceConfigurations: [[UInt8]] = []
  public var annotations = Annotations()

  public init(irVersion: Int, opsetImports: [OpsetImport]) {
    self.irVersion = irVersion
    self.opsetImports = opsetImports
  }

  /// The imported version of `domain`'s operators, or nil.
  public func opset(_ domain: String = "") -> Int? {
    let domain = OperatorName.canonical(domain: domain)
    return opsetImports.first { $0.domain == domain }?.version
  }
}

/// A graph: the main one, or a body of control flow, which sees the values of the graphs around it.
public struct NamedGraph: Sendable {
  public var name: String
  public var inputs: [NamedValue]
  public var outputs: [NamedValue]
  /// Types of values that are neither inputs nor outputs.
  public var valueTypes: [NamedValue] = []
  public var initializers: [NamedTensor] = []
  /// Named by their `values`.
  public var sparseInitializers: [SparseTensor] = []
  public var nodes: [NamedNode] = []
  /// `TensorAnnotation` messages, undecoded.
  public var quantizationAnnotations: [[UInt8]] = []
  public var annotations = Annotations()

  public init(name: String, inputs: [NamedValue] = [], outputs: [NamedValue] = [], nodes: [NamedNode] = []) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.nodes = nodes
  }
}

public struct NamedValue: Sendable {
  public var name: String
  /// Nil where the file gives no type.
  public var type: AnnotatedType?
  public var annotations: Annotations

  public init(_ name: String, _ type: AnnotatedType?, annotations: Annotations = Annotations()) {
    self.name = name
    self.type = type
    self.annotations = annotations
  }
}

public typealias NamedAttribute = AttributeOf<NamedGraph>

public struct NamedNode: Sendable {
  /// May be empty, and need not be unique.
  public var name: String
  public var op: OperatorName
  /// An empty name is an input or output that was left out.
  public var inputs: [String]
  public var outputs: [String]
  public var attributes: [NamedAttribute]
  /// `NodeDeviceConfigurationProto` messages, undecoded.
  public var deviceConfigurations: [[UInt8]] = []
  public var annotations = Annotations()

  public init(
    _ op: OperatorName, name: String = "", inputs: [String], outputs: [String],
    attributes: [NamedAttribute] = []
  ) {
    self.name = name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }
}

/// A function that nodes of the model may call, with operator sets of its own.
public struct NamedFunction: Sendable {
  public var id: OperatorName
  public var inputs: [String]
  public var outputs: [String]
  /// Attributes that a caller must give.
  public var requiredAttributes: [String] = []
  /// Attributes with default values.
  public var defaultedAttributes: [NamedAttribute] = []
  public var opsetImports: [OpsetImport]
  public var nodes: [NamedNode]
  public var valueTypes: [NamedValue] = []
  public var annotations = Annotations()

  public init(
    _ id: OperatorName, inputs: [String], outputs: [String], opsetImports: [OpsetImport], nodes: [NamedNode]
  ) {
    self.id = id
    self.inputs = inputs
    self.outputs = outputs
    self.opsetImports = opsetImports
    self.nodes = nodes
  }
}
