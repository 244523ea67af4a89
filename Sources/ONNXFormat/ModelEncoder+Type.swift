import GraphIR
import TensorCore

extension ModelEncoder {
  mutating func encode(_ type: AnnotatedType) {
    if type.isOriginalCurrent {
      writer.raw(type.original)
    } else {
      encode(type.type, denotation: type.denotation, dimensionDenotations: type.dimensionDenotations)
    }
  }

  private mutating func encode(
    _ type: ValueType, denotation: String = "", dimensionDenotations: [String] = []
  ) {
    // The denotation's field number lies between those of the kinds of types.
    switch type {
    case .tensor(let tensor):
      message(TypeField.tensor) { $0.encode(tensor, dimensionDenotations) }
    case .sequence(let element):
      message(TypeField.sequence) { $0.message(ElementTypeField.elementType) { $0.encode(element) } }
    case .map(let key, let value):
      message(TypeField.map) {
        $0.writer.int(MapTypeField.keyType, Int64(key.rawValue))
        $0.message(MapTypeField.valueType) { $0.encode(value) }
      }
    case .opaque, .sparseTensor, .optional: break
    }
    writer.string(TypeField.denotation, unlessEmpty: denotation)
    switch type {
    case .opaque(let domain, let name):
      message(TypeField.opaque) {
        $0.writer.string(OpaqueTypeField.domain, unlessEmpty: domain)
        $0.writer.string(OpaqueTypeField.name, unlessEmpty: name)
      }
    case .sparseTensor(let tensor):
      message(TypeField.sparseTensor) { $0.encode(tensor, dimensionDenotations) }
    case .optional(let element):
      message(TypeField.optional) { $0.message(ElementTypeField.elementType) { $0.encode(element) } }
    case .tensor, .sequence, .map: break
    }
  }

  private mutating func encode(_ type: TensorType, _ denotations: [String]) {
    writer.int(TensorTypeField.elementType, Int64(type.elementType.rawValue))
    guard let shape = type.shape else { return }
    message(TensorTypeField.shape) {
      for (axis, dimension) in shape.dimensions.enumerated() {
        let denotation = axis < denotations.count ? denotations[axis] : ""
        $0.message(ShapeField.dimension) { $0.encode(dimension, denotation) }
      }
    }
  }

  private mutating func encode(_ dimension: Dimension, _ denotation: String) {
    switch dimension {
    case .unknown: break
    case .fixed(let size): writer.int(DimensionField.value, Int64(size))
    case .symbolic(let expression): writer.string(DimensionField.parameter, expression.description)
    }
    writer.string(DimensionField.denotation, unlessEmpty: denotation)
  }
}

extension AnnotatedType {
  /// Whether `original` says the same as the properties, and more.
  fileprivate var isOriginalCurrent: Bool {
    guard !original.isEmpty else { return false }
    let decoded = original.withUnsafeBytes { bytes in
      var decoder = ModelDecoder(.memory, folder: nil)
      return try? decoder.type(WireReader(bytes))
    }
    return decoded == self
  }
}
