import COnnxRuntime

/// ONNX Runtime's shared library, loaded. It stays loaded until the process ends, so loading the same file
/// again costs nothing.
public struct OnnxRuntimeLibrary: Sendable {
  /// The file, or the bare name by which the dynamic loader found it.
  public let path: String

  /// The library's own version, such as `1.32.0`.
  public let version: String

  /// The first argument of every function of `COnnxRuntime`. Safe to share: the table it points to is
  /// constant and never freed.
  nonisolated(unsafe) let api: OpaquePointer

  /// Loads the library at `path`; a name without a slash is searched for by the dynamic loader.
  public init(path: String) throws(OnnxRuntimeLibraryError) {
    var detail = [CChar](repeating: 0, count: 1024)
    let library = wb_ort_load(path, &detail, detail.count)
    guard let api = library.api else {
      let text = String(decoding: detail.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw OnnxRuntimeLibraryError(
        path: path, reason: Self.reason(library.failure, path: path, detail: text))
    }
    self.path = path
    self.version = String(cString: library.version)
    self.api = api
  }

  /// Git revision and compiler flags of the library.
  public var buildInfo: String { String(cString: wb_ort_build_info(api)) }

  private static func reason(_ failure: wb_ort_load_failure, path: String, detail: String) -> String {
    switch failure {
    case .no_entry_point: "it is not ONNX Runtime (\(detail))"
    case .unknown_version: "its version '\(detail)' is not understood"
    case .too_old: "its version is \(detail), and 1.\(wb_ort_oldest_minor_version) or newer is needed"
    default: detail.replacing("\(path): ", with: "")
    }
  }
}

/// Why no ONNX Runtime could be loaded.
public struct OnnxRuntimeLibraryError: Error, CustomStringConvertible, Equatable {
  /// The library that was refused; `nil` when none was found.
  public let path: String?
  public let reason: String

  public var description: String {
    guard let path else { return "ONNX Runtime was not found; \(Self.remedy)" }
    return "cannot load ONNX Runtime from \(path): \(reason); \(Self.remedy)"
  }

  static let notFound = OnnxRuntimeLibraryError(path: nil, reason: "not found")

  private static let remedy =
    "run `make setup` in the project's folder, or name the library with --ort-lib or WORKBENCH_ORT_LIB"
}
