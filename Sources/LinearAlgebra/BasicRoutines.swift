import Foundation
import GraphIR

/// The routines of BLAS and LAPACK that are called here, from OpenBLAS (or Accelerate), loaded at the first call.
///
/// It is not linked: OpenBLAS makes its threads when it is loaded, and each of them polls for a while on a core,
/// which every other command would pay for as well.
struct BasicRoutines: Sendable {
  typealias Product =
    @convention(c) (
      _ order: Int32, _ transposesA: Int32, _ transposesB: Int32, _ m: Int32, _ n: Int32, _ k: Int32,
      _ alpha: Double, _ a: UnsafePointer<Double>, _ strideA: Int32, _ b: UnsafePointer<Double>,
      _ strideB: Int32,
      _ beta: Double, _ c: UnsafeMutablePointer<Double>, _ strideC: Int32
    ) -> Void

  typealias Gram =
    @convention(c) (
      _ order: Int32, _ triangle: Int32, _ transposes: Int32, _ n: Int32, _ k: Int32, _ alpha: Double,
      _ a: UnsafePointer<Double>, _ strideA: Int32, _ beta: Double, _ c: UnsafeMutablePointer<Double>,
      _ strideC: Int32
    ) -> Void

  typealias SymmetricSolver =
    @convention(c) (
      _ triangle: UnsafePointer<CChar>, _ n: UnsafePointer<Int32>, _ columns: UnsafePointer<Int32>,
      _ a: UnsafeMutablePointer<Double>, _ strideA: UnsafePointer<Int32>, _ b: UnsafeMutablePointer<Double>,
      _ strideB: UnsafePointer<Int32>, _ info: UnsafeMutablePointer<Int32>
    ) -> Void

  typealias EigenSolver =
    @convention(c) (
      _ vectors: UnsafePointer<CChar>, _ triangle: UnsafePointer<CChar>, _ n: UnsafePointer<Int32>,
      _ a: UnsafeMutablePointer<Double>, _ strideA: UnsafePointer<Int32>,
      _ values: UnsafeMutablePointer<Double>,
      _ workspace: UnsafeMutablePointer<Double>, _ size: UnsafePointer<Int32>,
      _ info: UnsafeMutablePointer<Int32>
    ) -> Void

  /// `cblas_dgemm`
  let product: Product
  /// `cblas_dsyrk`
  let gram: Gram
  /// `dposv`, with columns first.
  let solveSymmetric: SymmetricSolver
  /// `dsyev`, with columns first.
  let decomposeSymmetric: EigenSolver

  /// The values of CBLAS's enumerations.
  static let rowMajor: Int32 = 101, asIs: Int32 = 111, transposed: Int32 = 112, upper: Int32 = 121

  static let shared = Result { try BasicRoutines() }

  private init() throws {
    // One thread: sums would depend on their number, and idle ones poll on cores that the engine needs.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    for name in Self.libraryNames {
      guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL), let product = dlsym(library, "cblas_dgemm"),
        let gram = dlsym(library, "cblas_dsyrk"), let solver = dlsym(library, "dposv_"),
        let eigen = dlsym(library, "dsyev_")
      else { continue }
      self.product = unsafeBitCast(product, to: Product.self)
      self.gram = unsafeBitCast(gram, to: Gram.self)
      solveSymmetric = unsafeBitCast(solver, to: SymmetricSolver.self)
      decomposeSymmetric = unsafeBitCast(eigen, to: EigenSolver.self)
      return
    }
    throw ModelError(
      "OpenBLAS was not found: the search needs it to fit linear layers", hint: "run `make setup`")
  }

  private static var libraryNames: [String] {
    #if canImport(Darwin)
      [
        "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib",
        "/System/Library/Frameworks/Accelerate.framework/Accelerate",
      ]
    #else
      ["libopenblas.so.0", "libopenblas.so"]
    #endif
  }
}
