import GraphIR
import ONNXFormat
import PassPipeline
import TensorCore

/// Computes constants by running them, as they are written: the engine's own optimizations are disabled.
public struct RuntimeConstantEvaluator<Engine: Runtime>: ConstantEvaluator {
  private let runtime: Engine

  public init(_ runtime: Engine) {
    self.runtime = runtime
  }

  public func evaluate(_ model: Model) throws -> [Tensor] {
    let bytes = try ONNXFormat.encode(model.named(types: .none))
    let session = try runtime.makeSession(.bytes(bytes, name: "constants"), .faithful)
    return try session.run([:]).map { value in
      guard let tensor = value.tensor else { throw RuntimeError("a constant is no tensor") }
      return tensor
    }
  }
}
