import COnnxRuntime
import TensorCore

extension ElementType {
  /// nil for a type that ONNX has and the library has not, or the other way round.
  init?(_ type: wb_ort_element_type) {
    switch type {
    case .uint2: self = .uint2
    case .int2: self = .int2
    case .float8e8m0: self = .float8E8M0
    default:
      guard type.rawValue <= ElementType.float4E2M1.rawValue else { return nil }
      self.init(rawValue: type.rawValue)
    }
  }

  var onnxRuntimeType: wb_ort_element_type? {
    switch self {
    case .uint2: .uint2
    case .int2: .int2
    case .float8E8M0: .float8e8m0
    case .float6E2M3, .float6E3M2: nil
    default: wb_ort_element_type(rawValue: rawValue)
    }
  }
}
