import GraphIR

extension NarrowedTable {
  /// The columns of a table in parts that can each go without the others: what an encoder gives, a table that is joined
  /// with others, a column that is selected. Empty where how many there are is not known.
  static func parts(of value: ValueID, in model: Model) -> [Range<Int>] {
    let parts = parts(of: value, in: model, depth: 0)
    guard parts.count > 1, let width = parts.last?.upperBound else { return parts }
    // What is narrowed in another way than it looks leaves its columns together.
    let all = Set(0..<width)
    return parts.allSatisfy { part in
      let rest = NarrowedTable(value, keeping: all.subtracting(part), in: model)
      return rest?.columns.count == width - part.count
    } ? parts : [0..<width]
  }

  private static func parts(of value: ValueID, in model: Model, depth: Int) -> [Range<Int>] {
    guard let width = model.shape(of: value)?.dimensions.last?.fixedSize, width > 0 else { return [] }
    guard depth < mostDepth, model.hasOneUse(value), let node = model.producer(of: value) else {
      return [0..<width]
    }
    let name = model.operatorName(of: node)
    var found: [Range<Int>] = []
    switch (name.domain, name.name) {
    case ("", "Concat"):
      for table in model.inputs(of: node).compactMap({ $0 }) {
        let start = found.last?.upperBound ?? 0
        found += parts(of: table, in: model, depth: depth + 1)
          .map { start + $0.lowerBound..<start + $0.upperBound }
      }
    case ("", "Cast"), ("", "Identity"), ("", "Reshape"), ("ai.onnx.ml", "Scaler"):
      found = model.input(0, of: node).map { parts(of: $0, in: model, depth: depth + 1) } ?? []
    case ("", "Gather"), ("ai.onnx.ml", "ArrayFeatureExtractor"): found = (0..<width).map { $0..<$0 + 1 }
    default: break
    }
    return found.last?.upperBound == width ? found : [0..<width]
  }
}
