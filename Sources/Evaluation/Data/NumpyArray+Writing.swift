import Kernels
import TensorCore

extension NumpyArray {
  /// The bytes of a `.npy` file, version 1.0. Numbers that NumPy has no type for become 32-bit floats, text that is not
  /// UTF-8 gets replacement characters.
  static func bytes(of tensor: Tensor) throws -> [UInt8] {
    if let strings = tensor.storage.strings { return bytes(of: strings, tensor.dimensions) }
    guard let code = NumpyHeader.code(of: tensor.elementType) else {
      return try bytes(of: Tensor(.float32, rounding: tensor.doubles(), tensor.dimensions))
    }
    let prefix = tensor.elementType.bitWidth == 8 ? "|" : "<"
    return header(prefix + code, tensor.dimensions) + tensor.withUnsafeBytes { Array($0) }
  }

  private static func bytes(of strings: [ByteString], _ dimensions: [Int]) -> [UInt8] {
    let texts = strings.map { Array($0.description.unicodeScalars) }
    let length = max(texts.map(\.count).max() ?? 0, 1)
    let units = texts.flatMap { text in
      text.map { $0.value.littleEndian } + [UInt32](repeating: 0, count: length - text.count)
    }
    return header("<U\(length)", dimensions) + units.withUnsafeBytes { Array($0) }
  }

  private static func header(_ type: String, _ dimensions: [Int]) -> [UInt8] {
    let sizes = dimensions.map { "\($0)," }.joined()
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // The contents begin at a multiple of 64.
    let padded = text + String(repeating: " ", count: 63 - (text.utf8.count + 10) % 64) + "\n"
    let length = UInt16(clamping: padded.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array(padded.utf8)
  }
}
