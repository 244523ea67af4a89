import Rewriting
import TensorCore

extension Match {
  /// Refuses what activations are mostly not implemented for: double, and bfloat16, which older schemas of them
  /// do not allow either. The element-wise parts of an activation run with both.
  func requireHalfOrSingle(_ variable: Var) throws {
    let type = try elementType(of: variable)
    try require(type == .float32 || type == .float16, "few runtimes compute this operator in \(type)")
  }
}
