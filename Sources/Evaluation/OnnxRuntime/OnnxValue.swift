import COnnxRuntime
import TensorCore

/// A value of ONNX Runtime's, released with this object, with the memory that it reads.
final class OnnxValue {
  let pointer: OpaquePointer
  private let runtime: OnnxRuntime
  /// Keeps the memory of an input alive.
  private let source: Tensor?

  init(owning pointer: OpaquePointer, _ runtime: OnnxRuntime) {
    self.pointer = pointer
    self.runtime = runtime
    source = nil
  }

  deinit { wb_ort_release_value(runtime.library.api, pointer) }

  private var library: OnnxRuntimeLibrary { runtime.library }
  private var api: OpaquePointer { runtime.library.api }

  // MARK: In

  /// A value over the bytes of `tensor`, which are copied only when they are not aligned.
  init(of tensor: Tensor, _ runtime: OnnxRuntime, name: String) throws {
    guard let type = tensor.elementType.onnxRuntimeType else {
      throw RuntimeError("ONNX Runtime has no type \(tensor.elementType), which the input '\(name)' has")
    }
    let library = runtime.library
    let sizes = tensor.dimensions.map(Int64.init)
    self.runtime = runtime
    if tensor.elementType == .string {
      source = nil
      pointer = try library.make {
        wb_ort_create_tensor(library.api, runtime.allocator, sizes, sizes.count, type, $0)
      }
      try fillStrings(tensor.storage.strings ?? [], name: name)
      return
    }
    let tensor = try tensor.aligned()
    source = tensor
    // The storage never moves its bytes, and `source` keeps it: the address may leave the closure.
    let bytes = tensor.withUnsafeBytes { $0 }
    let start =
      UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(runtime.allocator)
    pointer = try library.make {
      wb_ort_create_tensor_over(
        library.api, runtime.cpuMemory, start, bytes.count, sizes, sizes.count, type, $0)
    }
  }

  private func fillStrings(_ strings: [ByteString], name: String) throws {
    guard strings.allSatisfy({ !$0.bytes.contains(0) }) else {
      throw RuntimeError(
        "a string of the input '\(name)' contains a zero byte, which ONNX Runtime cannot take")
    }
    var bytes: [CChar] = []
    var starts: [Int] = []
    for string in strings {
      starts.append(bytes.count)
      bytes += string.bytes.map(CChar.init(bitPattern:)) + [0]
    }
    try bytes.withUnsafeBufferPointer { bytes in
      let pointers = starts.map { start in bytes.baseAddress.map { $0 + start } }
      try library.check(wb_ort_fill_strings(api, pointer, pointers, pointers.count))
    }
  }

  // MARK: Out

  func copied() throws -> OutputValue {
    var isTensor: Int32 = 0
    try library.check(wb_ort_value_is_tensor(api, pointer, &isTensor))
    if isTensor != 0 { return .tensor(try copiedTensor()) }
    var hasValue: Int32 = 0
    try library.check(wb_ort_value_has_value(api, pointer, &hasValue))
    guard hasValue != 0 else { return .absent }
    var kind = wb_ort_value_kind.unknown
    try library.check(wb_ort_value_get_kind(api, pointer, &kind))
    switch kind {
    case .sequence: return .sequence(try parts().map { try $0.copied() })
    case .map:
      let parts = try parts()
      guard parts.count == 2 else { throw RuntimeError("a map without keys and values") }
      return .map(keys: try parts[0].copiedTensor(), values: try parts[1].copiedTensor())
    default: throw RuntimeError("an output is a \(kind.text), which is not supported")
    }
  }

  private func parts() throws -> [OnnxValue] {
    var count = 0
    try library.check(wb_ort_value_part_count(api, pointer, &count))
    return try (0..<count).map { index in
      let part = try library.make {
        wb_ort_value_part(api, pointer, Int32(clamping: index), runtime.allocator, $0)
      }
      return OnnxValue(owning: part, runtime)
    }
  }

  private func copiedTensor() throws -> Tensor {
    let info = try library.make { wb_ort_value_tensor_info(api, pointer, $0) }
    defer { wb_ort_release_tensor_info(api, info) }
    let type = try library.elementType(info)
    let dimensions = try library.dimensions(info)
    if type == .string { return try copiedStrings(dimensions) }
    var bytes: UnsafeMutableRawPointer?
    try library.check(wb_ort_value_data(api, pointer, &bytes))
    return try Tensor(type, dimensions) { target in
      guard let bytes else { return }
      target.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: target.count))
    }
  }

  private func copiedStrings(_ dimensions: [Int]) throws -> Tensor {
    let count = try Tensor.elementCount(of: dimensions)
    guard count > 0 else { return try Tensor(strings: [], dimensions) }
    var byteCount = 0
    try library.check(wb_ort_string_byte_count(api, pointer, &byteCount))
    var bytes = [UInt8](repeating: 0, count: max(byteCount, 1))
    var starts = [Int](repeating: 0, count: count)
    try library.check(wb_ort_copy_strings(api, pointer, &bytes, byteCount, &starts, count))
    let ends = starts.dropFirst() + [byteCount]
    let strings = zip(starts, ends).map { ByteString(bytes: Array(bytes[$0..<$1])) }
    return try Tensor(strings: strings, dimensions)
  }
}

extension Tensor {
  /// Itself, or a copy whose bytes are aligned for vector loads.
  fileprivate func aligned() throws -> Tensor {
    let isAligned = withUnsafeBytes { bytes in
      Int(bitPattern: bytes.baseAddress) % max(elementType.bitWidth / 8, 1) == 0
    }
    if isAligned { return self }
    return try Tensor(elementType, dimensions) { target in
      withUnsafeBytes { target.copyMemory(from: $0) }
    }
  }
}
