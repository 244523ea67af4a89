import GraphIR

/// Operators by name: `Op.Conv(x, w)` is a term. Names are checked against the schemas when a rule is
/// registered, not by the compiler.
@dynamicMemberLookup
public enum Op {
  public static subscript(dynamicMember name: String) -> OperatorTerm {
    OperatorTerm(OperatorName(name))
  }

  /// An operator of another domain: `Op.named("Scaler", domain: "ai.onnx.ml")(x)`.
  public static func named(_ name: String, domain: String = "") -> OperatorTerm {
    OperatorTerm(OperatorName(name, domain: domain))
  }
}

/// An operator that is still to be applied to inputs.
public struct OperatorTerm: Sendable {
  let name: OperatorName

  init(_ name: OperatorName) {
    self.name = name
  }

  /// - Parameters:
  ///   - capture: names the matched node.
  ///   - attributes: in a pattern, values that the node must have; on the right, those of the new node.
  public func callAsFunction(
    _ inputs: any TermConvertible..., as capture: Capture? = nil, attributes: AttributeList = [:]
  ) -> Term {
    applied(to: inputs.map(\.term), as: capture, attributes: attributes)
  }

  /// The same with inputs whose number is known at run time only.
  public func applied(
    to inputs: [Term], as capture: Capture? = nil, attributes: AttributeList = [:]
  ) -> Term {
    Term(kind: .node(NodeTerm(op: name, inputs: inputs, attributes: attributes, capture: capture)))
  }
}

/// Attributes as rules write them: `["perm": [1, 0], "keepdims": 0]`, or those of a matched node.
public struct AttributeList: ExpressibleByDictionaryLiteral, Sendable {
  public private(set) var attributes: [Attribute]

  public init(_ attributes: [Attribute]) {
    self.attributes = attributes
  }

  public init(dictionaryLiteral elements: (String, AttributeLiteral)...) {
    attributes = elements.map { Attribute($0.0, $0.1.value) }
  }

  /// The same with `name` set to `literal`.
  public func setting(_ name: String, to literal: AttributeLiteral) -> AttributeList {
    var copy = removing(name)
    copy.attributes.append(Attribute(name, literal.value))
    return copy
  }

  public func removing(_ names: String...) -> AttributeList {
    AttributeList(attributes.filter { !names.contains($0.name) })
  }
}

/// A value in an `AttributeList`.
public struct AttributeLiteral: Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  public let value: AttributeValue

  public init(_ value: AttributeValue) {
    self.value = value
  }

  public init(_ value: Int) {
    self.value = .int(Int64(value))
  }

  public init(_ values: [Int]) {
    value = .ints(values.map(Int64.init))
  }

  public init(integerLiteral value: Int) {
    self.init(value)
  }

  public init(floatLiteral value: Float) {
    self.value = .float(value)
  }

  public init(stringLiteral value: String) {
    self.value = .string(.init(value))
  }

  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }
}
