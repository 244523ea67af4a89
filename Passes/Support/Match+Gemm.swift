import Rewriting
import TensorCore

extension Match {
  /// Refuses unless `Gemm` takes `variable` as a matrix of these elements. (`MatMul` knows integers, too, but few
  /// runtimes compute `Gemm` on them; before version 7 `Gemm` does not broadcast.)
  func requireGemm(_ variable: Var, _ elementType: ElementType) throws {
    let supported: Set<ElementType> =
      opset < 13 ? [.float16, .float32, .float64] : [.float16, .bfloat16, .float32, .float64]
    try require(opset >= 7 && supported.contains(elementType), "Gemm takes no \(elementType)")
    try require(rank(of: variable) == 2, "\(variable.name) is no matrix")
  }
}
