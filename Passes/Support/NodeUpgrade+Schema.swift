import GraphIR
import TensorCore

// What follows from comparing the two versions' schemas.

extension NodeUpgrade {
  /// Attributes that older versions had for no effect on results.
  private static let withoutMeaning: Set<String> = ["consumed_inputs"]

  /// Drops attributes that have no meaning in the old version, lest the new one give them some.
  mutating func dropAttributesWithoutMeaning() {
    attributes.removeAll { old.attribute(named: $0.name) == nil || Self.withoutMeaning.contains($0.name) }
  }

  mutating func followSchema(with rewriter: inout Rewriter) throws {
    try require(!new.isDeprecated, "the operator is deprecated")
    for attribute in attributes { try follow(attribute, with: &rewriter) }
    try keepDefaults()
    while inputs.last == .some(nil) { inputs.removeLast() }
    try require(new.inputCounts.contains(inputs.count), "it takes no \(inputs.count) inputs any more")
  }

  private mutating func follow(_ attribute: Attribute, with rewriter: inout Rewriter) throws {
    let name = attribute.name
    if let successor = new.attribute(named: name) {
      try require(successor.kind == attribute.value.kind, "'\(name)' is a \(successor.kind) now")
    } else if let index = new.inputs.firstIndex(where: { $0.name == name }) {
      try move(name, toInput: index, with: &rewriter)
    } else {
      throw UpgradeRefusal("'\(name)' has no counterpart")
    }
  }

  /// Makes defaults explicit that the new version has not.
  private mutating func keepDefaults() throws {
    for attribute in old.attributes where given(attribute.name) == nil {
      guard let value = attribute.defaultValue, let successor = new.attribute(named: attribute.name) else {
        continue
      }
      if successor.defaultValue?.isIdentical(to: value) == true { continue }
      attributes.append(Attribute(attribute.name, value))
    }
  }

  /// Makes a constant of the attribute: a list is a vector, a number a scalar (or a vector of one).
  mutating func move(
    _ name: String, toInput index: Int, asVector isVector: Bool = false, with rewriter: inout Rewriter
  ) throws {
    guard let value = given(name) else { return }
    remove(name)
    try require(input(index) == nil, "'\(name)' is given twice")
    let sizes = isVector ? [1] : []
    switch value {
    case .int(let number):
      setInput(index, to: add(try Tensor(int64: [Int(number)], sizes), with: &rewriter))
    case .ints(let numbers):
      setInput(index, to: add(try Tensor(int64: numbers.map(Int.init)), with: &rewriter))
    case .float(let number):
      setInput(index, to: add(try Tensor(float32: [number], sizes), with: &rewriter))
    case .floats(let numbers):
      setInput(index, to: add(try Tensor(float32: numbers), with: &rewriter))
    case .reference(let reference, let kind):
      setInput(index, to: try constant(named: reference, of: kind, with: &rewriter))
    default: throw UpgradeRefusal("'\(name)' is an input now, and \(value.kind) cannot be one")
    }
  }

  /// Inside a function: the value of the function's attribute as a `Constant` node.
  private func constant(
    named name: String, of kind: AttributeKind, with rewriter: inout Rewriter
  ) throws -> ValueID {
    let attributeNames: [AttributeKind: String] = [
      .int: "value_int", .ints: "value_ints", .float: "value_float", .floats: "value_floats",
    ]
    try require(new.sinceVersion >= 12, "'\(name)' is given by the function's callers")
    let attribute = try unwrap(attributeNames[kind], "'\(name)' is given by the function's callers")
    let id = rewriter.insert(
      OperatorName("Constant"), inputs: [], outputs: [nil],
      attributes: [Attribute(attribute, .reference(name: name, kind: kind))], before: node)
    return rewriter.model.outputs(of: id)[0]
  }
}
