import Candidates
import GraphIR
import TensorCore

/// Tables, and now and then tensors of other shapes.
struct InventedTables: ActivationSource {
  let seed: UInt64
  var columns = 3
  var sampleCount: Int { 64 }

  func forEachBatch(of values: [ValueID], samples: Int, _ body: ([Tensor]) throws -> Void) throws {
    var random = RandomSource.derived(from: seed, for: "values")
    for _ in 0..<3 {
      let isTable = random.uniform() > 0.1
      let dimensions = isTable ? [32, columns] : (0..<Int.random(in: 0...4, using: &random)).map { $0 + 1 }
      let numbers = random.normals(dimensions.reduce(1, *))
      try body(values.map { _ in try Tensor(.float32, rounding: numbers, dimensions) })
    }
  }
}
