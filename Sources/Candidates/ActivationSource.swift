import GraphIR
import TensorCore

/// What values inside a model hold when it runs on calibration data.
public protocol ActivationSource {
  /// The calibration samples that there are.
  var sampleCount: Int { get }

  /// Runs the model on the first `samples` calibration samples, batch by batch, all of `values` in one run.
  ///
  /// - Parameters:
  ///   - values: of the main graph, each computed or an input.
  ///   - body: gets a tensor for each value, [samples of the batch, …] as the model lays it out.
  /// - Throws: what `body` throws, and where the model does not run.
  func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws
}
