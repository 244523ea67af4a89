import GraphAnalysis
import GraphIR
import TensorCore

extension FoldConstants {
  /// Computations of sizes that come out the same for every input, by shape inference, although they read
  /// values: `Shape` of a value of fixed shape, or the entry of a fixed axis. Those that other nodes read.
  @inline(never)
  static func knownSizes(in model: Model) -> [Result] {
    let nodes = model.allNodes
    // Inference is the dearest part, and everything about sizes begins with these.
    guard nodes.contains(where: { sizeOperators.contains(model.operatorName(of: $0)) }) else { return [] }
    let sizes = SymbolicValues(of: model)
    var found: [Result] = []
    var resolved: Set<NodeID> = []
    for node in nodes {
      let outputs = model.outputs(of: node).filter { model.hasUses($0) }
      let results = outputs.compactMap { value in
        tensor(of: value, sizes, in: model).map { Result(value: value, tensor: $0) }
      }
      guard !results.isEmpty, results.count == outputs.count else { continue }
      resolved.insert(node)
      found += results
    }
    return found.filter { result in
      model.uses(of: result.value).contains { !resolved.contains($0.user) }
        && !isLast(result.value, in: model)
    }
  }

  /// Whether replacing the value would only replace an `Identity` by another.
  private static func isLast(_ value: ValueID, in model: Model) -> Bool {
    guard let node = model.producer(of: value) else { return true }
    return model.operatorName(of: node) == OperatorName("Identity") && model.isGraphOutput(value)
  }

  private static func tensor(of value: ValueID, _ sizes: SymbolicValues, in model: Model) -> Tensor? {
    guard model.constant(value) == nil, let elements = sizes[value],
      let type = model.type(of: value)?.tensorType, type.elementType == .int64 || type.elementType == .int32,
      let dimensions = type.shape?.fixedSizes
    else { return nil }
    let numbers = elements.compactMap(\.fixedSize)
    guard numbers.count == elements.count else { return nil }
    if type.elementType == .int64 { return try? Tensor(int64: numbers, dimensions) }
    let narrow = numbers.compactMap(Int32.init(exactly:))
    return narrow.count == numbers.count ? try? Tensor(.int32, elements: narrow, dimensions) : nil
  }
}

private let sizeOperators: Set<OperatorName> = [OperatorName("Shape"), OperatorName("Size")]
