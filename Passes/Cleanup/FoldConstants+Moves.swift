import GraphIR
import Rewriting
import TensorCore

extension FoldConstants {
  /// Constants whose elements are moved or shaped otherwise and nothing else, as far as other nodes read them.
  /// Where something else reads the original as well, the model grows by the result: by `limit` bytes in all.
  @inline(never)
  static func movedConstants(in model: Model, limit: Int) -> [Result] {
    var known: [ValueID: Tensor] = [:]
    var made: [Result] = []
    var growth = 0
    for node in model.allNodes where isMover(model.operatorName(of: node)) {
      guard let input = model.input(0, of: node), let output = model.output(0, of: node),
        let tensor = known[input] ?? model.constant(input), tensor.elementType != .string
      else { continue }
      let cost = known[input] == nil && model.isRead(input, onlyBy: node) ? 0 : tensor.byteCount
      guard growth + cost <= limit, let moved = try? moved(tensor, by: node, to: output, in: model) else {
        continue
      }
      growth += cost
      known[output] = moved
      made.append(Result(value: output, tensor: moved))
    }
    return made.filter { result in
      model.uses(of: result.value).contains { use in
        model.output(0, of: use.user).map { known[$0] == nil } ?? true
      }
    }
  }

  private static func isMover(_ op: OperatorName) -> Bool { op.isStandard && movers.contains(op.name) }

  private static func moved(
    _ tensor: Tensor, by node: NodeID, to output: ValueID, in model: Model
  ) throws -> Tensor? {
    guard model.operatorName(of: node).name == "Transpose" else {
      return try model.shape(of: output)?.fixedSizes.map {
        try Tensor(tensor.elementType, $0, storage: tensor.storage)
      }
    }
    let permutation = model.attribute("perm", of: node)?.ints?.map { Int($0) }
    return try tensor.transposed(permutation ?? tensor.dimensions.indices.reversed())
  }
}

/// `Identity` is not among them: at a graph's end it would be folded into another one.
private let movers: Set<String> = ["Flatten", "Reshape", "Squeeze", "Transpose", "Unsqueeze"]
