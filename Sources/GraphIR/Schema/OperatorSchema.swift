import TensorCore

/// What the ONNX standard, or ONNX Runtime for its own domain, says of one version of an operator.
public struct OperatorSchema: Sendable {
  public let op: OperatorName
  /// The first operator set that has this version.
  public let sinceVersion: Int
  public let isDeprecated: Bool
  public let inputs: [Parameter]
  public let outputs: [Parameter]
  /// Sorted by name.
  public let attributes: [AttributeSchema]
  public let typeConstraints: [TypeConstraint]

  /// A formal input or output.
  public struct Parameter: Hashable, Sendable {
    public let name: String
    public let type: ParameterType
    public let arity: Arity
    /// Whether all operands of a variadic parameter have the same type.
    public let isHomogeneous: Bool
  }

  public enum Arity: Hashable, Sendable {
    case single
    case optional
    /// The last parameter only.
    case variadic(minimum: Int)
  }

  public enum ParameterType: Hashable, Sendable {
    /// One of `typeConstraints`, such as `T`.
    case variable(String)
    /// Of unknown shape.
    case concrete(ValueType)
  }

  public struct AttributeSchema: Sendable {
    public let name: String
    public let kind: AttributeKind
    public let isRequired: Bool
    public let `default`: AttributeValueOf<Never>?
  }

  /// The types that a variable such as `T` may stand for.
  public struct TypeConstraint: Hashable, Sendable {
    public let variable: String
    /// Of unknown shape. Types whose elements `ElementType` does not know are left out.
    public let allowedTypes: [ValueType]

    public func allows(_ type: ValueType) -> Bool {
      allowedTypes.contains { !$0.contradicts(type) }
    }
  }
}

// MARK: Finding

extension OperatorSchema {
  /// The schema that nodes of `op` follow under version `opset` of its domain: the newest that is not newer,
  /// which may be deprecated. Nil for an operator that the table does not have, or not yet.
  public static func lookup(_ op: OperatorName, opset: Int) -> OperatorSchema? {
    SchemaTable.versions(of: op).last { $0.sinceVersion <= opset }
  }

  public static func newest(_ op: OperatorName) -> OperatorSchema? {
    SchemaTable.versions(of: op).last
  }

  /// Every version, oldest first.
  public static func versions(of op: OperatorName) -> [OperatorSchema] {
    SchemaTable.versions(of: op)
  }

  /// The newest operator set of `domain` that the table covers, or nil where it has none of the domain.
  public static func newestOpset(domain: String = "") -> Int? {
    let domain = OperatorName.canonical(domain: domain)
    return SchemaTable.newestOpsets.first { $0.domain == domain }?.version
  }
}

// MARK: Reading

extension OperatorSchema {
  public func attribute(named name: String) -> AttributeSchema? {
    attributes.first { $0.name == name }
  }

  public func typeConstraint(_ variable: String) -> TypeConstraint? {
    typeConstraints.first { $0.variable == variable }
  }

  /// The parameter that operand `index` is for, or nil beyond the last.
  public func input(at index: Int) -> Parameter? { Self.parameter(at: index, of: inputs) }

  public func output(at index: Int) -> Parameter? { Self.parameter(at: index, of: outputs) }

  /// How many operands a node must and may have; no upper bound is `Int.max`.
  public var inputCounts: ClosedRange<Int> { Self.counts(inputs) }

  public var outputCounts: ClosedRange<Int> { Self.counts(outputs) }

  private static func parameter(at index: Int, of parameters: [Parameter]) -> Parameter? {
    if index >= 0, index < parameters.count { return parameters[index] }
    guard index >= 0, let last = parameters.last, case .variadic = last.arity else { return nil }
    return last
  }

  private static func counts(_ parameters: [Parameter]) -> ClosedRange<Int> {
    var least = 0
    for (index, parameter) in parameters.enumerated() {
      switch parameter.arity {
      case .single: least = index + 1
      case .optional: break
      case .variadic(let minimum): return max(least, index + minimum)...Int.max
      }
    }
    return least...parameters.count
  }
}
