import GraphIR
import PassPipeline
import Synchronization
import TensorCore

/// Loads ONNX Runtime when the first constant is to be computed: most models have none, and loading it takes
/// longer than all passes together on a small model.
public final class DeferredConstantEvaluator: ConstantEvaluator {
  private let libraryPath: String?
  private let loaded = Mutex<Result<RuntimeConstantEvaluator<OnnxRuntime>, EvaluatorUnavailable>?>(nil)

  /// - Parameter libraryPath: the engine's library, where the user named one.
  public init(libraryPath: String? = nil) {
    self.libraryPath = libraryPath
  }

  public func evaluate(_ model: Model) throws -> [Tensor] {
    try loaded.withLock { loaded in
      let evaluator = loaded ?? load()
      loaded = evaluator
      return evaluator
    }.get().evaluate(model)
  }

  private func load() -> Result<RuntimeConstantEvaluator<OnnxRuntime>, EvaluatorUnavailable> {
    do {
      return .success(RuntimeConstantEvaluator(try OnnxRuntime.load(explicitPath: libraryPath)))
    } catch {
      return .failure(EvaluatorUnavailable("\(error)"))
    }
  }
}
