import COnnxRuntime
import Synchronization
import TensorCore

/// ONNX Runtime, loaded and started: one per process, as the library demands.
public final class OnnxRuntime: Runtime, Sendable {
  public let library: OnnxRuntimeLibrary
  // Both belong to the library, which allows their use from every thread and lives as long as the process.
  nonisolated(unsafe) let environment: OpaquePointer
  nonisolated(unsafe) let allocator: OpaquePointer
  /// Describes memory of the CPU.
  nonisolated(unsafe) let cpuMemory: OpaquePointer

  private init(_ library: OnnxRuntimeLibrary) throws {
    self.library = library
    let api = library.api
    // Errors come back as statuses: what the library logs of them besides is noise.
    environment = try library.make { wb_ort_create_env(api, .fatal, "workbench", $0) }
    allocator = try library.make { wb_ort_get_allocator(api, $0) }
    cpuMemory = try library.make { wb_ort_create_cpu_memory_info(api, $0) }
  }

  private static let loaded = Mutex<OnnxRuntime?>(nil)

  /// The process's ONNX Runtime; the first call finds and loads it.
  /// - Parameter explicitPath: what the user named, a library or a folder; nil to search for one.
  /// - Throws: `OnnxRuntimeLibraryError` when there is none, `RuntimeError` when another one is loaded.
  public static func load(explicitPath: String? = nil) throws -> OnnxRuntime {
    try loaded.withLock { loaded in
      if let loaded {
        guard
          explicitPath == nil || OnnxRuntimeSearch.library(named: explicitPath ?? "") == loaded.library.path
        else { throw RuntimeError("cannot load a second ONNX Runtime beside \(loaded.library.path)") }
        return loaded
      }
      let runtime = try OnnxRuntime(OnnxRuntimeSearch(namedPath: explicitPath).load())
      loaded = runtime
      return runtime
    }
  }

  public var name: String { "ONNX Runtime" }
  public var version: String { library.version }
  public var buildInfo: String { library.buildInfo }

  /// The names of the execution providers built into the library.
  public var providers: [String] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    var count: Int32 = 0
    guard (try? library.check(wb_ort_get_providers(library.api, &names, &count))) != nil, let names else {
      return []
    }
    let result = (0..<Int(count)).compactMap { index in names[index].map { String(cString: $0) } }
    try? library.check(wb_ort_release_providers(library.api, names, count))
    return result
  }

  public func makeSession(_ source: SessionSource, _ options: SessionOptions) throws -> OnnxSession {
    do {
      return try OnnxSession(self, source, options)
    } catch var error as RuntimeError {
      error.model = error.model ?? source.name
      throw error
    }
  }
}

extension OnnxRuntimeLibrary {
  /// Turns a status into an error, and releases it.
  func check(_ status: OpaquePointer?) throws {
    guard let status else { return }
    defer { wb_ort_release_status(api, status) }
    throw RuntimeError(String(cString: wb_ort_status_message(api, status)))
  }

  /// What a function of the library hands out.
  func make(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?) throws -> OpaquePointer {
    var made: OpaquePointer?
    try check(body(&made))
    guard let made else { throw RuntimeError("ONNX Runtime handed out nothing") }
    return made
  }

  /// Text that a function of the library hands out through `allocator`.
  func text(
    freedBy allocator: OpaquePointer,
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> OpaquePointer?
  ) throws -> String {
    var made: UnsafeMutablePointer<CChar>?
    try check(body(&made))
    guard let made else { throw RuntimeError("ONNX Runtime handed out nothing") }
    let text = String(cString: made)
    try check(wb_ort_free(api, allocator, made))
    return text
  }
}
