import GraphIR
import TensorCore

/// Files that people give instead of ONNX models, by the bytes at a fixed place.
private let foreignFormats: [(name: String, offset: Int, signature: [UInt8])] = [
  ("a TensorFlow Lite model", 4, Array("TFL3".utf8)),
  ("a model in ONNX Runtime's own format", 4, Array("ORTM".utf8)),
  ("a GGUF model", 0, Array("GGUF".utf8)),
  ("an HDF5 file, perhaps a Keras model", 0, [0x89] + Array("HDF".utf8)),
  ("a zip archive, perhaps a PyTorch checkpoint", 0, [0x50, 0x4B, 0x03, 0x04]),
  ("compressed with gzip", 0, [0x1F, 0x8B]),
  ("a PNG picture", 0, [0x89] + Array("PNG".utf8)),
  ("a NumPy array", 0, [0x93] + Array("NUMPY".utf8)),
  ("a Git LFS pointer, not the file itself", 0, Array("version https://git-lfs".utf8)),
  ("XML", 0, Array("<?xml".utf8)),
  ("JSON", 0, Array("{".utf8)),
]

extension DecodingFailure {
  /// What `bytes` are instead of a model, if they are something well known.
  static func ofForeignFormat(_ bytes: UnsafeRawBufferPointer) -> DecodingFailure? {
    let format = foreignFormats.first { bytes.dropFirst($0.offset).starts(with: $0.signature) }
    return format.map { DecodingFailure("no ONNX model: the file is \($0.name)") }
  }
}

extension ModelError {
  /// Any error of reading or writing, in terms that users see.
  init(wrapping error: any Error, file: String?) {
    switch error {
    case let error as ModelError: self = file.map(error.inFile) ?? error
    case let error as FileError: self.init(error.reason, file: error.path)
    case let error as DecodingFailure: self.init(error, file: file)
    default: self.init("\(error)", file: file)
    }
  }

  private init(_ failure: DecodingFailure, file: String?) {
    let lastNode = failure.places.lastIndex { if case .node = $0 { true } else { false } }
    let split = lastNode.map { $0 + 1 } ?? 0
    let outer = failure.places[..<split].map(\.text).joined(separator: " > ")
    let inner = failure.places[split...].map(\.text) + [failure.reason]
    let isModel = !failure.places.isEmpty || failure.reason.hasPrefix("no ONNX model")
    self.init(
      (isModel ? "" : "no valid ONNX model: ") + inner.joined(separator: ": "),
      node: outer.isEmpty ? nil : outer, file: file, hint: failure.hint)
  }
}

extension DecodingFailure.Place {
  fileprivate var text: String {
    switch self {
    case .node(let text), .part(let text): text
    }
  }
}
