import GraphIR
import TensorCore

/// Constants that a node reads, folded into its label: `W 16×3×3×3`, `axes [0, 1]`, `B 0.5`.
enum ConstantText {
  private static let partLimit = 4

  /// One for each constant operand, or for neighbours that look the same.
  static func parts(of node: NodeID, in model: Model, schema: OperatorSchema?) -> [String] {
    var groups: [(names: [String], text: String)] = []
    for (index, value) in model.inputs(of: node).enumerated() {
      guard let value, let text = text(of: value, in: model) else { continue }
      let name = parameterName(index, schema: schema)
      if let last = groups.indices.last, groups[last].text == text {
        groups[last].names.append(name)
      } else if groups.count <= partLimit {
        groups.append((names: [name], text: text))
      }
    }
    let parts = groups.prefix(partLimit).map { "\(joined($0.names)) \($0.text)" }
    return groups.count > partLimit ? parts + ["…"] : parts
  }

  private static func joined(_ names: [String]) -> String {
    names.count > 2 ? "\(names[0]) … \(names[names.count - 1])" : names.joined(separator: ", ")
  }

  static func parameterName(_ index: Int, schema: OperatorSchema?) -> String {
    guard let parameter = schema?.input(at: index) else { return "#\(index)" }
    if case .variadic = parameter.arity { return "#\(index)" }
    return parameter.name
  }

  /// Nil where the value is no constant.
  private static func text(of value: ValueID, in model: Model) -> String? {
    if let tensor = model.constant(value) { return self.value(tensor) }
    guard case .initializer = model.definition(of: value), let sparse = model.sparseTensor(of: value)
    else { return nil }
    return "sparse \(TypeText.short(Shape(fixed: sparse.dimensions)))"
  }

  /// The elements of a scalar and of a short list; of anything bigger its sizes, and its element type where
  /// that is not float.
  static func value(_ tensor: Tensor) -> String {
    let isShort = tensor.rank == 0 || (tensor.rank == 1 && tensor.elementType.isInteger)
    if isShort, tensor.elementCount <= 6, let elements = elements(tensor) {
      return tensor.rank == 0 ? elements.joined() : "[" + elements.joined(separator: ", ") + "]"
    }
    let sizes = TypeText.short(tensor.shape)
    return tensor.elementType == .float32 ? sizes : "\(tensor.elementType) \(sizes)"
  }

  private static func elements(_ tensor: Tensor) -> [String]? {
    if let integers = try? tensor.integers() { return integers.map(String.init) }
    if let numbers = try? tensor.doubles() { return numbers.map(NumberText.short) }
    return tensor.storage.strings?.map { "'" + $0.description.shown(atMost: 20) + "'" }
  }
}
