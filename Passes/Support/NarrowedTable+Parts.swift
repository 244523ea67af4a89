import GraphIR

extension NarrowedTable {
  /// The columns of a table in parts that can each go without the others: what an encoder gives, a table that is joined
  /// with others, a column that is selected. Empty where how many there are is not known.
  static func parts(of value: ValueID, in model: Model) -> [Range<Int>] {
    parts(of: value, in: model, depth: 0)
  }

  private static func parts(of value: ValueID, in model: Model, depth: Int) -> [Range<Int>] {
    guard let width = model.shape(of: value)?.dimensions.last?.fixedSize, width > 0 else { return [] }
    guard depth < mostDepth, let node = model.producer(of: value) else { return [0..<width] }
    let name = model.operatorName(of: node)
    let found: [Range<Int>]
    switch (name.domain, name.name) {
    case ("", "Concat"):
      let tables = model.inputs(of: node).compactMap { $0 }
      found = tables.reduce(into: []) { found, table in
        let start = found.last?.upperBound ?? 0
        found += parts(of: table, in: model, depth: depth + 1)
          .map { start + $0.lowerBound..<start + $0.upperBound }
      }
    case ("", "Cast"), ("", "Identity"), ("", "Reshape"), ("ai.onnx.ml", "Scaler"):
      found = model.input(0, of: node).map { parts(of: $0, in: model, depth: depth + 1) } ?? []
    case ("", "Gather"), ("ai.onnx.ml", "ArrayFeatureExtractor"): found = (0..<width).map { $0..<$0 + 1 }
    default: found = [0..<width]
    }
    // What is narrowed in another way than it looks leaves its columns together.
    let all = Set(0..<width)
    return found.last?.upperBound == width
      && found.allSatisfy { part in
        let rest = NarrowedTable(value, keeping: all.subtracting(part), in: model)
        return rest.map { $0.columns.count == width - part.count } ?? (part.count == width)
      } ? found : [0..<width]
  }
}
