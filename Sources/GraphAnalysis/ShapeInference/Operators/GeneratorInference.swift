import GraphIR
import TensorCore

/// Operators that make tensors from sizes, attributes or nothing.
enum GeneratorInference {
  static let operators: [String: InferenceFunction] = [
    "Constant": constant, "ConstantOfShape": filled, "Range": range, "EyeLike": like,
    "Shape": shape, "Size": { $0.result(.int64, .scalar) },
    "RandomNormal": random, "RandomUniform": random, "RandomNormalLike": like, "RandomUniformLike": like,
    "Multinomial": multinomial,
  ]

  @Sendable private static func constant(_ node: InferenceContext) -> [ValueType?] {
    switch node.attributes.first?.value {
    case .tensor(let tensor)?: return [.tensor(tensor.tensor.type)]
    case .sparseTensor(let sparse)?:
      // Readers get a dense tensor.
      return node.result(sparse.values.tensor.elementType, Shape(fixed: sparse.dimensions))
    case .float?: return node.result(.float32, .scalar)
    case .floats(let values)?: return node.result(.float32, Shape(fixed: [values.count]))
    case .int?: return node.result(.int64, .scalar)
    case .ints(let values)?: return node.result(.int64, Shape(fixed: [values.count]))
    case .string?: return node.result(.string, .scalar)
    case .strings(let values)?: return node.result(.string, Shape(fixed: [values.count]))
    default: return []
    }
  }

  @Sendable private static func filled(_ node: InferenceContext) -> [ValueType?] {
    let sizes = node.elements(0).map { Shape($0) }
    return node.result(
      node.own("value")?.tensor?.elementType ?? .float32,
      sizes ?? node.length(0).flatMap { Shape.unknown(rank: $0) })
  }

  @Sendable private static func range(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), [rangeCount(node)])
  }

  /// max(⌈(limit − start) / step⌉, 0)
  private static func rangeCount(_ node: InferenceContext) -> Dimension {
    if node.elementType(0)?.isFloatingPoint == true {
      guard let start = node.reals(0)?.first, let limit = node.reals(1)?.first,
        let step = node.has(2) ? node.reals(2)?.first : 1, step != 0
      else { return .unknown }
      return Int(exactly: max(((limit - start) / step).rounded(.up), 0)).map(Dimension.fixed) ?? .unknown
    }
    guard let step = node.has(2) ? node.integer(2) : 1, step != 0, step != Int.min else { return .unknown }
    let length = step > 0 ? node.element(1) - node.element(0) : node.element(0) - node.element(1)
    let count = length.ceilingDivided(by: .fixed(abs(step)))
    return count.isKnownNonNegative ? count : count.maximum(0)
  }

  @Sendable private static func shape(_ node: InferenceContext) -> [ValueType?] {
    node.result(.int64, [node.shapeRange().map { .fixed($0.count) } ?? .unknown])
  }

  @Sendable private static func random(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(attribute: "dtype"), node.ints("shape").map { Shape(fixed: $0) })
  }

  /// As the input, of its own type if the attribute does not name another.
  @Sendable private static func like(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(attribute: "dtype") ?? node.elementType(0), node.shape(0))
  }

  @Sendable private static func multinomial(_ node: InferenceContext) -> [ValueType?] {
    let batch = node.shape(0).flatMap(\.dimensions.first) ?? .unknown
    let count = node.int("sample_size").map(Dimension.fixed) ?? .unknown
    return node.result(node.elementType(attribute: "dtype"), [batch, count])
  }
}

extension InferenceContext {
  /// The axes whose sizes `Shape` returns; nil where the rank is not known.
  func shapeRange() -> Range<Int>? {
    guard let rank = rank(0) else { return nil }
    func position(_ bound: Int) -> Int { min(max(bound < 0 ? max(bound, -rank) + rank : bound, 0), rank) }
    let start = position(own("start")?.int ?? 0)
    return start..<max(position(own("end")?.int ?? rank), start)
  }
}
