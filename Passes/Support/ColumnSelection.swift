import GraphIR
import TensorCore

/// The columns that a node takes from a table [N, columns]: `ArrayFeatureExtractor` or `Gather` with constant places.
struct ColumnSelection {
  let source: ValueID
  /// Places in the table, none of them negative.
  let columns: [Int]
  /// How many columns the table has.
  let width: Int

  init?(at node: NodeID, in model: Model) {
    guard let source = model.input(0, of: node), let places = model.input(1, of: node),
      let shape = model.shape(of: source), shape.rank == 2, let width = shape[1].fixedSize,
      let tensor = model.constant(places), let indices = try? tensor.integers(), !indices.isEmpty
    else { return nil }
    let isGather: Bool
    switch model.operatorName(of: node) {
    case OperatorName("ArrayFeatureExtractor", domain: "ai.onnx.ml"): isGather = false
    case OperatorName("Gather"):
      let axis = model.attribute("axis", of: node)?.int ?? 0
      guard tensor.rank == 1, axis == 1 || axis == -1 else { return nil }
      isGather = true
    default: return nil
    }
    let columns = indices.map { $0 < 0 && isGather ? $0 &+ width : $0 }
    guard columns.allSatisfy({ (0..<max(width, 0)).contains($0) }) else { return nil }
    self.source = source
    self.columns = columns
    self.width = width
  }
}
