import GraphIR
import TensorCore

/// A matched node in the form of its operator's newest version: what older versions keep in attributes and
/// newer ones read from constant inputs (the axes of `Squeeze`, the bounds of `Clip`) is asked for by its name
/// either way, and what is left out has the schema's default.
public struct NodeView {
  let model: Model
  public let node: NodeID

  public var op: OperatorName { model.operatorName(of: node) }

  /// The node's attributes as they stand, for a node that replaces it.
  public var attributes: AttributeList { AttributeList(model.attributes(of: node)) }

  public var inputs: [ValueID?] { model.inputs(of: node) }

  public var outputs: [ValueID] { model.outputs(of: node) }

  /// The first output.
  public var output: ValueID { outputs[0] }

  public var outputShape: Shape? { model.shape(of: output) }

  public func isOutputUsed(_ index: Int) -> Bool {
    model.output(index, of: node).map { model.hasUses($0) } ?? false
  }

  // MARK: Parameters by name

  public func has(_ name: String) -> Bool {
    givenAttribute(name) != nil || inputNamed(name) != nil
  }

  /// The attribute that says what the newest version calls `name`.
  private func givenAttribute(_ name: String) -> AttributeValue? {
    op.attributeNames(ofInput: name).lazy.compactMap { model.attribute($0, of: node) }.first
  }

  /// - Throws: `MatchFailure` where it is neither given as a constant nor has a default.
  public func int(_ name: String) throws -> Int {
    if let values = try constantInput(name)?.integers(), values.count == 1 { return values[0] }
    return try attribute(name, \.int)
  }

  public func float(_ name: String) throws -> Double {
    if let value = try constantInput(name)?.scalarValue { return value }
    return Double(try attribute(name, \.float))
  }

  /// The element type that an attribute such as `to` of `Cast` names by its number.
  public func elementType(_ name: String) throws -> ElementType {
    let number = try int(name)
    guard let type = Int32(exactly: number).flatMap(ElementType.init(rawValue:)) else {
      throw MatchFailure("'\(name)' is \(number), which is no element type")
    }
    return type
  }

  public func string(_ name: String) throws -> String {
    try attribute(name, \.string)
  }

  public func ints(_ name: String) throws -> [Int] {
    if let values = try constantInput(name)?.integers() { return values }
    return try attribute(name, \.ints)
  }

  /// Nil where it is left out and has no default.
  /// - Throws: `MatchFailure` where it is given, but not as a constant.
  public func optionalInts(_ name: String) throws -> [Int]? {
    has(name) ? try ints(name) : nil
  }

  public func optionalInt(_ name: String) throws -> Int? {
    has(name) ? try int(name) : nil
  }

  public func optionalString(_ name: String) throws -> String? {
    has(name) ? try string(name) : nil
  }

  /// A constant parameter as a tensor; nil where it is left out.
  public func optionalConstant(_ name: String) throws -> Tensor? {
    if let tensor = try constantInput(name) { return tensor }
    switch givenAttribute(name) {
    case .tensor(let tensor): return tensor.tensor
    case .float(let value): return try Tensor(float32: [value], [])
    case .int(let value): return try Tensor(int64: [Int(value)], [])
    case .ints(let values): return try Tensor(int64: values.map(Int.init))
    case .floats(let values): return try Tensor(float32: values)
    default: return nil
    }
  }

  private func attribute<Value>(
    _ name: String, _ read: (AttributeValueOf<GraphID>) -> Value?
  ) throws -> Value {
    if let given = givenAttribute(name) {
      guard let value = read(given) else { throw MatchFailure("'\(name)' is given as \(given.kind)") }
      return value
    }
    let schema =
      model.schema(of: node)?.attribute(named: name) ?? OperatorSchema.newest(op)?.attribute(named: name)
    guard let value = schema?.defaultValue.flatMap(read) else {
      throw MatchFailure("'\(name)' is not given")
    }
    return value
  }

  /// The input that the operator's schema calls `name`.
  public func inputNamed(_ name: String) -> ValueID? {
    guard let schema = model.schema(of: node),
      let index = schema.inputs.firstIndex(where: { $0.name == name })
    else { return nil }
    return model.input(index, of: node)
  }

  private func constantInput(_ name: String) throws -> Tensor? {
    guard let value = inputNamed(name) else { return nil }
    guard let tensor = model.constant(value) else { throw MatchFailure("'\(name)' is computed") }
    return tensor
  }
}
