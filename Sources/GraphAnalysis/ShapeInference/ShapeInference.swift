import GraphIR
import TensorCore

/// Types and shapes of all values, from those of the graph's inputs and initializers: sizes are numbers or
/// expressions over the model's symbols, and shape computations (`Shape`, `Gather`, `Concat`, …, `Reshape`)
/// are followed element by element.
///
/// What is not known stays unknown, an operator that inference does not know is no error, and nothing is
/// guessed: a size that is given holds in every run in which the model does not fail.
public enum ShapeInference {
  /// Infers all types and stores them in the model; returns where the model declares others.
  ///
  /// Linear in the nodes, except for bodies and functions, which are visited for each of their uses up to a
  /// limit on the total.
  @discardableResult public static func run(on model: inout Model) -> [InferenceFinding] {
    let (changes, findings) = changes(of: model)
    guard !changes.isEmpty else { return findings }
    model.edit(as: "infer-shapes") { rewriter in
      for change in changes { rewriter.setType(of: change.value, to: change.type) }
    }
    return findings
  }

  /// The types of one node's outputs, from its inputs' current types, for nodes that were just inserted.
  /// Nil where a type is not known.
  public static func outputTypes(of node: NodeID, in model: Model) -> [ValueType?] {
    var walk = InferenceWalk(of: model, trustsDeclaredTypes: false)
    walk.infer(node)
    return model.outputs(of: node).map { walk.inferredType(of: $0) }
  }

  /// The types of the outputs that a node of the standard's operators would have: `outputCount` entries, nil
  /// where a type is not known. Nodes with bodies and calls of functions need a node: see the other overload.
  public static func outputTypes(
    of op: OperatorName, opset: Int, attributes: [Attribute], inputs: [InferenceInput?], outputCount: Int
  ) -> [ValueType?] {
    let context = InferenceContext(
      op: op, opset: opset, attributes: attributes, inputs: inputs, outputCount: outputCount)
    return OperatorInference.outputTypes(context)
  }

  /// The operators that have a rule of their own, as `Conv` or `ai.onnx.ml.Scaler`, sorted.
  public static var coveredOperators: [String] {
    let ruled = OperatorInference.registry.flatMap { domain, rules in
      rules.keys.map { OperatorName($0, domain: domain) }
    }
    return (ruled + ControlFlow.allCases.map { OperatorName($0.rawValue) }).map(\.description).sorted()
  }

  /// The walk ends here, so that the edit that follows holds the only reference to the tables.
  @inline(never)
  private static func changes(
    of model: Model
  ) -> (changes: [(value: ValueID, type: ValueType)], findings: [InferenceFinding]) {
    var walk = InferenceWalk(of: model, trustsDeclaredTypes: true)
    walk.inferAll()
    return (walk.changes, walk.findings)
  }
}

/// The elements of small integer tensors that compute shapes, as expressions over the model's symbols.
public struct SymbolicValues: Sendable {
  private let elements: [ValueID: [Dimension]]

  /// Follows shape computations through the main graph and the bodies in it.
  public init(of model: Model) {
    var walk = InferenceWalk(of: model, trustsDeclaredTypes: true)
    walk.inferAll()
    elements = walk.elements.filter { model.root(of: model.graph(of: $0.key)) == model.mainGraph }
  }

  /// The elements, row-major, those that are not known as `Dimension.unknown`; nil where none is followed.
  /// Constants are not listed: read `model.constant(value)`.
  public subscript(value: ValueID) -> [Dimension]? { elements[value] }
}
