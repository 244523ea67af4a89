import GraphIR
import TensorCore

/// What is known of one input of a node.
public struct InferenceInput: Sendable {
  public var type: ValueType?
  /// The tensor, where the input is the same in every run.
  public var constant: Tensor?
  /// The elements of a small integer tensor, row-major, as far as they are known.
  public var elements: [Dimension]?
  /// The element of a real tensor that has one, where it is not whole.
  var ratio: Ratio?

  public init(type: ValueType?, constant: Tensor? = nil, elements: [Dimension]? = nil) {
    self.init(type: type, constant: constant, elements: elements, ratio: nil)
  }

  init(type: ValueType?, constant: Tensor?, elements: [Dimension]?, ratio: Ratio?) {
    self.type = type
    self.constant = constant
    self.elements = elements
    self.ratio = ratio
  }
}

/// The types of a node's outputs, nil for those that are not known. Outputs that the node does not have may
/// be given: they are dropped.
typealias InferenceFunction = @Sendable (InferenceContext) -> [ValueType?]

/// One node as inference functions see it: its operator and what is known of its inputs.
///
/// Models can bring anything, so every helper returns nil (or `Dimension.unknown`) instead of trapping where
/// an input is missing, an attribute has another kind, or an axis lies outside the rank.
struct InferenceContext {
  let op: OperatorName
  let opset: Int
  let attributes: [Attribute]
  let inputs: [InferenceInput?]
  let outputCount: Int
}

// MARK: Inputs

extension InferenceContext {
  func has(_ index: Int) -> Bool { input(index) != nil }

  func input(_ index: Int) -> InferenceInput? { inputs.indices.contains(index) ? inputs[index] : nil }

  func type(_ index: Int) -> ValueType? { input(index)?.type }

  func shape(_ index: Int) -> Shape? { type(index)?.shape }

  func elementType(_ index: Int) -> ElementType? { type(index)?.elementType }

  func rank(_ index: Int) -> Int? { shape(index)?.rank }

  /// The elements of an input that is a small tensor, row-major, as far as they are known.
  func elements(_ index: Int) -> [Dimension]? {
    guard let input = input(index) else { return nil }
    return input.elements ?? input.constant.flatMap(KnownElements.of)
  }

  /// The same, where all are numbers.
  func integers(_ index: Int) -> [Int]? {
    guard let elements = elements(index) else { return nil }
    let numbers = elements.compactMap(\.fixedSize)
    return numbers.count == elements.count ? numbers : nil
  }

  /// The single element of an input.
  func element(_ index: Int) -> Dimension {
    guard let elements = elements(index), elements.count == 1 else { return .unknown }
    return elements[0]
  }

  func integer(_ index: Int) -> Int? { element(index).fixedSize }

  /// The elements of a constant input of real numbers, at most `KnownElements.maximumCount` of them.
  func reals(_ index: Int) -> [Double]? {
    guard let tensor = input(index)?.constant, tensor.elementCount <= KnownElements.maximumCount else {
      return integers(index)?.map(Double.init)
    }
    return try? tensor.doubles()
  }

  /// How many elements an input of rank 1 has, where that is a number.
  func length(_ index: Int) -> Int? {
    if let elements = elements(index) { return elements.count }
    guard let shape = shape(index), shape.rank == 1, let length = shape[0].fixedSize, length >= 0,
      length <= InferenceLimits.maximumRank
    else { return nil }
    return length
  }
}

// MARK: Attributes; where the node has none, the schema's default

extension InferenceContext {
  func int(_ name: String) -> Int? {
    guard let own = own(name) else { return schemaAttribute(name)?.default?.int }
    return own.int
  }

  func ints(_ name: String) -> [Int]? {
    guard let own = own(name) else { return schemaAttribute(name)?.default?.ints }
    return own.ints
  }

  func float(_ name: String) -> Float? {
    guard let own = own(name) else { return schemaAttribute(name)?.default?.float }
    return own.float
  }

  func string(_ name: String) -> String? {
    guard let own = own(name) else { return schemaAttribute(name)?.default?.string }
    return own.string
  }

  func flag(_ name: String) -> Bool { int(name).map { $0 != 0 } ?? false }

  func own(_ name: String) -> AttributeValue? { attributes.first { $0.name == name }?.value }

  /// The element type that an integer attribute names.
  func elementType(attribute name: String) -> ElementType? {
    int(name).flatMap { Int32(exactly: $0) }.flatMap(ElementType.init(rawValue:))
  }

  /// The axis that an attribute names, counted from the front of `shape`.
  func axis(_ name: String = "axis", of shape: Shape) -> Int? {
    int(name).flatMap(shape.normalizedAxis)
  }

  private func schemaAttribute(_ name: String) -> OperatorSchema.AttributeSchema? {
    OperatorSchema.lookup(op, opset: opset)?.attribute(named: name)
  }
}

/// Sizes beyond which inference gives up rather than spend time or memory on hostile models.
enum InferenceLimits {
  static let maximumRank = 64
  static let maximumCallDepth = 24
  static let maximumBodyRounds = 4
  /// How often each node of the model is visited on average, by way of bodies and calls.
  static let visitsPerNode = 16
}
