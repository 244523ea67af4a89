import COnnxRuntime
import TensorCore

extension OnnxRuntimeLibrary {
  enum Side { case inputs, outputs }

  /// What a session declares, in order.
  func signatures(
    of session: OpaquePointer, _ side: Side, _ allocator: OpaquePointer
  ) throws -> [ValueSignature] {
    var count = 0
    switch side {
    case .inputs: try check(wb_ort_session_input_count(api, session, &count))
    case .outputs: try check(wb_ort_session_output_count(api, session, &count))
    }
    return try (0..<count).map { index in
      let name = try text(freedBy: allocator) { name in
        switch side {
        case .inputs: wb_ort_session_input_name(api, session, index, allocator, name)
        case .outputs: wb_ort_session_output_name(api, session, index, allocator, name)
        }
      }
      let info = try make { info in
        switch side {
        case .inputs: wb_ort_session_input_type_info(api, session, index, info)
        case .outputs: wb_ort_session_output_type_info(api, session, index, info)
        }
      }
      defer { wb_ort_release_type_info(api, info) }
      return ValueSignature(name, try kind(info))
    }
  }

  private func kind(_ info: OpaquePointer) throws -> ValueSignature.Kind {
    var kind = wb_ort_value_kind.unknown
    try check(wb_ort_type_info_kind(api, info, &kind))
    var tensor: OpaquePointer?
    if kind == .tensor { try check(wb_ort_type_info_tensor(api, info, &tensor)) }
    guard let tensor else { return .other(kind.text) }
    let type = try elementType(tensor)
    var dimensions: [Dimension] = []
    for (size, symbol) in zip(try self.dimensions(tensor), try symbols(tensor)) {
      switch (size, symbol) {
      case (0..., _): dimensions.append(.fixed(size))
      case (_, ""): dimensions.append(.unknown)
      default: dimensions.append(.symbol(symbol))
      }
    }
    return .tensor(TensorType(type, Shape(dimensions)))
  }

  func elementType(_ tensor: OpaquePointer) throws -> ElementType {
    var type = wb_ort_element_type.undefined
    try check(wb_ort_tensor_element_type(api, tensor, &type))
    guard let known = ElementType(type) else {
      throw RuntimeError("ONNX Runtime's element type \(type.rawValue) is not known")
    }
    return known
  }

  /// The sizes; −1 for one that is not static.
  func dimensions(_ tensor: OpaquePointer) throws -> [Int] {
    var rank = 0
    try check(wb_ort_tensor_rank(api, tensor, &rank))
    var sizes = [Int64](repeating: 0, count: rank)
    try check(wb_ort_tensor_dimensions(api, tensor, &sizes, rank))
    return sizes.map { Int($0) }
  }

  private func symbols(_ tensor: OpaquePointer) throws -> [String] {
    var rank = 0
    try check(wb_ort_tensor_rank(api, tensor, &rank))
    var names = [UnsafePointer<CChar>?](repeating: nil, count: rank)
    try check(wb_ort_tensor_symbolic_dimensions(api, tensor, &names, rank))
    return names.map { $0.map { String(cString: $0) } ?? "" }
  }
}

extension wb_ort_value_kind {
  var text: String {
    switch self {
    case .tensor: "tensor"
    case .sequence: "sequence"
    case .map: "map"
    case .opaque: "opaque"
    case .sparse_tensor: "sparse tensor"
    case .optional: "optional"
    default: "unknown"
    }
  }
}
