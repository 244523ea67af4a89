// Stands in until shape inference lands; replace this file.
import GraphIR
import TensorCore
public enum ShapeInference {
  public static func outputTypes(of node: NodeID, in model: Model) -> [ValueType?] { model.outputs(of: node).map { _ in nil } }
  public static func run(on model: inout Model) {}
}
