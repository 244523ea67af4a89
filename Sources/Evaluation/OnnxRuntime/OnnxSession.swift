import COnnxRuntime
import TensorCore

/// A model loaded into ONNX Runtime. Runs may happen on several threads at a time.
public final class OnnxSession: RuntimeSession, Sendable {
  public let name: String
  public let inputs: [ValueSignature]
  public let outputs: [ValueSignature]
  let runtime: OnnxRuntime
  // The library allows concurrent runs of a session; released only in deinit.
  nonisolated(unsafe) let session: OpaquePointer
  // Shared by all runs; the library allows ending them from any thread.
  nonisolated(unsafe) let runOptions: OpaquePointer

  init(_ runtime: OnnxRuntime, _ source: SessionSource, _ options: SessionOptions) throws {
    let library = runtime.library
    let made = try library.makeOptions(options, source)
    defer { wb_ort_release_session_options(library.api, made) }
    let session = try library.make { target in
      switch source {
      case .file(let path):
        wb_ort_create_session(library.api, runtime.environment, path, made, target)
      case .bytes(let bytes, _, _):
        bytes.withUnsafeBytes { bytes in
          // An empty model has no address; the library is to say what is wrong with it.
          let start = bytes.baseAddress ?? UnsafeRawPointer(runtime.allocator)
          return wb_ort_create_session_from_bytes(
            library.api, runtime.environment, start, bytes.count, made, target)
        }
      }
    }
    do {
      inputs = try library.signatures(of: session, .inputs, runtime.allocator)
      outputs = try library.signatures(of: session, .outputs, runtime.allocator)
      runOptions = try library.make { wb_ort_create_run_options(library.api, $0) }
    } catch {
      wb_ort_release_session(library.api, session)
      throw error
    }
    self.runtime = runtime
    self.session = session
    name = source.name
  }

  deinit {
    wb_ort_release_run_options(runtime.library.api, runOptions)
    wb_ort_release_session(runtime.library.api, session)
  }

  public func prepare(_ inputs: [String: Tensor], outputs: [String]?) throws -> OnnxRun {
    do {
      return try OnnxRun(self, inputs, outputs: outputs ?? self.outputs.map(\.name))
    } catch var error as RuntimeError {
      error.model = error.model ?? name
      throw error
    }
  }

  /// Makes the runs under way, and all later ones, end with an error. May be called from any thread.
  public func terminate() throws {
    try runtime.library.check(wb_ort_terminate_runs(runtime.library.api, runOptions))
  }

  /// Ends profiling; the result is the path of the trace.
  public func endProfiling() throws -> String {
    let library = runtime.library
    return try library.text(freedBy: runtime.allocator) { path in
      wb_ort_session_end_profiling(library.api, session, runtime.allocator, path)
    }
  }
}

extension OnnxRuntimeLibrary {
  fileprivate func makeOptions(_ options: SessionOptions, _ source: SessionSource) throws -> OpaquePointer {
    let made = try make { wb_ort_create_session_options(api, $0) }
    do {
      try configure(made, options, source)
      return made
    } catch {
      wb_ort_release_session_options(api, made)
      throw error
    }
  }

  private func configure(_ made: OpaquePointer, _ options: SessionOptions, _ source: SessionSource) throws {
    func set(_ key: String, _ value: String) throws {
      try check(wb_ort_add_session_config(api, made, key, value))
    }
    try check(wb_ort_set_log_severity(api, made, .fatal))
    try check(wb_ort_set_optimization_level(api, made, options.optimization.level))
    try check(wb_ort_set_intra_op_threads(api, made, Int32(clamping: options.threads)))
    try check(wb_ort_set_inter_op_threads(api, made, 1))
    if let processors = ThreadAffinity.setting(threads: options.threads) {
      try set("session.intra_op_thread_affinities", processors)
    }
    if !options.usesPrepacking { try set("session.disable_prepacking", "1") }
    if !options.allowsSpinning { try set("session.intra_op.allow_spinning", "0") }
    if case .bytes(_, let folder?, _) = source {
      try set("session.model_external_initializers_file_folder_path", folder)
    }
    if let path = options.optimizedModelPath {
      try check(wb_ort_set_optimized_model_path(api, made, path))
    }
    if let prefix = options.profilePrefix { try check(wb_ort_enable_profiling(api, made, prefix)) }
  }
}

extension SessionOptions.Optimization {
  fileprivate var level: wb_ort_optimization_level {
    switch self {
    case .disabled: .none
    case .basic: .basic
    case .extended: .extended
    case .all: .all
    }
  }
}
