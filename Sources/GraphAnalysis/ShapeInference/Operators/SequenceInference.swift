import GraphIR
import TensorCore

/// Sequences of tensors and optional values.
enum SequenceInference {
  static let operators: [String: InferenceFunction] = [
    "SequenceConstruct": construct, "SequenceEmpty": empty, "SequenceAt": element,
    "SequenceInsert": insert, "SequenceErase": { [$0.type(0)] },
    "SequenceLength": { $0.result(.int64, .scalar) }, "SplitToSequence": split,
    "ConcatFromSequence": concat, "Optional": optional, "OptionalGetElement": optionalElement,
    "OptionalHasElement": { $0.result(.bool, .scalar) },
  ]

  @Sendable private static func construct(_ node: InferenceContext) -> [ValueType?] {
    let types = node.inputs.indices.map { node.type($0) }
    guard let first = types.first else { return [] }
    let common = types.dropFirst().reduce(first) { common, type in
      common.flatMap { common in type.flatMap(common.joined) }
    }
    return [common.map { .sequence($0) }]
  }

  @Sendable private static func empty(_ node: InferenceContext) -> [ValueType?] {
    // The standard's default is float, which the attribute's schema does not say.
    let elementType = node.own("dtype") == nil ? .float32 : node.elementType(attribute: "dtype")
    return [elementType.map { .sequence(.tensor($0, nil)) }]
  }

  @Sendable private static func element(_ node: InferenceContext) -> [ValueType?] {
    guard case .sequence(let element)? = node.type(0) else { return [] }
    return [element]
  }

  @Sendable private static func insert(_ node: InferenceContext) -> [ValueType?] {
    guard case .sequence(let element)? = node.type(0), let inserted = node.type(1) else { return [] }
    return [element.joined(with: inserted).map { .sequence($0) }]
  }

  @Sendable private static func split(_ node: InferenceContext) -> [ValueType?] {
    guard let elementType = node.elementType(0) else { return [] }
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard let axis = node.axis(of: shape) else { return nil }
      if node.has(1) {
        return shape.replacing(axis, by: node.rank(1) == 0 ? splitSize(node, shape[axis]) : .unknown)
      }
      return node.flag("keepdims") ? shape.replacing(axis, by: 1) : shape.removing(axis)
    }
    return [.sequence(.tensor(elementType, shape))]
  }

  /// Equal parts, where they fill the axis.
  private static func splitSize(_ node: InferenceContext, _ size: Dimension) -> Dimension {
    guard let part = node.integer(1), part > 0 else { return .unknown }
    return size.exactlyDivided(by: .fixed(part)).isUnknown ? .unknown : .fixed(part)
  }

  @Sendable private static func concat(_ node: InferenceContext) -> [ValueType?] {
    guard case .sequence(.tensor(let element))? = node.type(0) else { return [] }
    let shape = element.shape.flatMap { shape -> Shape? in
      let isNew = node.flag("new_axis")
      let rank = shape.rank + (isNew ? 1 : 0)
      guard let axis = node.int("axis"), axis >= -rank, axis < rank else { return nil }
      let position = axis < 0 ? axis + rank : axis
      guard isNew else { return shape.replacing(position, by: .unknown) }
      var sizes = shape.dimensions
      sizes.insert(.unknown, at: position)
      return Shape(sizes)
    }
    return node.result(element.elementType, shape)
  }

  @Sendable private static func optional(_ node: InferenceContext) -> [ValueType?] {
    if let type = node.type(0) { return [.optional(type)] }
    guard case .type(let type)? = node.own("type") else { return [] }
    return [.optional(type.type)]
  }

  @Sendable private static func optionalElement(_ node: InferenceContext) -> [ValueType?] {
    guard case .optional(let element)? = node.type(0) else { return [node.type(0)] }
    return [element]
  }
}
