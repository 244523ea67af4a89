import GraphIR
import TensorCore

/// A table with fewer columns, made from what made it: encoders of fewer categories, scalers of fewer columns, fewer
/// tables to join. It never takes a node more than before.
///
/// Columns are those of the last axis. `Concat`, `Scaler`, `OneHotEncoder`, `ArrayFeatureExtractor`, `Gather`, `Cast`
/// and `Reshape` of [N, 1, columns] to [N, columns] are narrowed, where nothing else reads what they give. Of any other
/// value all columns stay, if one is wanted.
struct NarrowedTable {
  /// Which columns of the table are left, in order: all that are wanted, and those that cannot go without them.
  let columns: [Int]
  private let source: Source

  private indirect enum Source {
    case value(ValueID)
    /// The node with other inputs and attributes.
    case node(NodeID, inputs: [Source], attributes: [Attribute], columns: Int)
    case constant(Tensor)
  }

  /// - Returns: nil where no column is wanted, or how many there are is not known.
  init?(_ value: ValueID, keeping wanted: Set<Int>, in model: Model) {
    self.init(value, wanted, in: model, depth: 0)
  }

  static let mostDepth = 64

  private init?(_ value: ValueID, _ wanted: Set<Int>, in model: Model, depth: Int) {
    guard let width = model.shape(of: value)?.dimensions.last?.fixedSize, width > 0 else { return nil }
    let kept = (0..<width).filter { wanted.contains($0) }
    guard !kept.isEmpty else { return nil }
    let narrowed =
      kept.count < width && depth < Self.mostDepth
      ? Self.made(value, kept, in: model, depth: depth + 1) : nil
    self = narrowed ?? NarrowedTable(columns: Array(0..<width), source: .value(value))
  }

  private init(columns: [Int], source: Source) {
    (self.columns, self.source) = (columns, source)
  }

  /// Nil where all columns stay.
  private static func made(_ value: ValueID, _ kept: [Int], in model: Model, depth: Int) -> NarrowedTable? {
    guard model.hasOneUse(value), let node = model.producer(of: value), let input = model.input(0, of: node),
      model.users(of: value).allSatisfy({ model.graph(of: $0) == model.graph(of: node) })
    else { return nil }
    let name = model.operatorName(of: node)
    switch (name.domain, name.name) {
    case ("", "Concat"): return joined(node, kept, in: model, depth: depth)
    case ("", "Cast"), ("", "Identity"), ("", "Reshape"), ("ai.onnx.ml", "Scaler"):
      guard let table = NarrowedTable(input, Set(kept), in: model, depth: depth) else { return nil }
      return table.passed(through: node, in: model)
    case ("ai.onnx.ml", "OneHotEncoder"): return encoded(node, kept, in: model)
    case ("", "Gather"), ("ai.onnx.ml", "ArrayFeatureExtractor"): return selected(node, kept, in: model)
    default: return nil
    }
  }

  private static func joined(_ node: NodeID, _ kept: [Int], in model: Model, depth: Int) -> NarrowedTable? {
    let tables = model.inputs(of: node).compactMap { $0 }
    guard tables.count == model.inputCount(of: node), let rank = model.shape(of: tables[0])?.rank,
      let axis = model.attribute("axis", of: node)?.int, axis == rank - 1 || axis == -1
    else { return nil }
    var (start, columns, sources): (Int, [Int], [Source]) = (0, [], [])
    for table in tables {
      guard let width = model.shape(of: table)?.dimensions.last?.fixedSize else { return nil }
      let wanted = Set(kept.filter { (start..<start + width).contains($0) }.map { $0 - start })
      if let part = NarrowedTable(table, wanted, in: model, depth: depth) {
        columns += part.columns.map { $0 + start }
        sources.append(part.source)
      }
      start += width
    }
    let attributes = model.attributes(of: node)
    let source =
      sources.count == 1
      ? sources[0] : .node(node, inputs: sources, attributes: attributes, columns: columns.count)
    return NarrowedTable(columns: columns, source: source)
  }

  /// What a node that treats each column apart gives of these columns.
  private func passed(through node: NodeID, in model: Model) -> NarrowedTable? {
    var inputs = [source]
    var attributes = model.attributes(of: node)
    switch model.operatorName(of: node).name {
    case "Scaler":
      for name in ["offset", "scale"] {
        guard let list = model.attribute(name, of: node)?.floats else { return nil }
        guard list.count > 1 else { continue }
        guard let last = columns.last, last < list.count else { return nil }
        attributes = attributes.setting(name, to: .floats(columns.map { list[$0] }))
      }
    case "Reshape":
      guard let shape = model.columnShape(ofReshape: node) else { return nil }
      guard let tensor = try? Tensor(int64: [shape, columns.count]) else { return nil }
      inputs.append(.constant(tensor))
    default: break
    }
    return NarrowedTable(
      columns: columns, source: .node(node, inputs: inputs, attributes: attributes, columns: columns.count))
  }

  /// Unknown categories have to give zeros: those that go are unknown then.
  private static func encoded(_ node: NodeID, _ kept: [Int], in model: Model) -> NarrowedTable? {
    guard let input = model.input(0, of: node), model.attribute("zeros", of: node)?.int ?? 1 != 0 else {
      return nil
    }
    var attributes = model.attributes(of: node)
    if case .ints(let list)? = model.attribute("cats_int64s", of: node), !list.isEmpty {
      guard let part = list.distinct(at: kept) else { return nil }
      attributes = attributes.setting("cats_int64s", to: .ints(part))
    } else if case .strings(let list)? = model.attribute("cats_strings", of: node) {
      guard let part = list.distinct(at: kept) else { return nil }
      attributes = attributes.setting("cats_strings", to: .strings(part))
    } else {
      return nil
    }
    return NarrowedTable(
      columns: kept,
      source: .node(node, inputs: [.value(input)], attributes: attributes, columns: kept.count))
  }

  private static func selected(_ node: NodeID, _ kept: [Int], in model: Model) -> NarrowedTable? {
    guard let selection = ColumnSelection(at: node, in: model),
      kept.allSatisfy(selection.columns.indices.contains),
      let places = try? Tensor(int64: kept.map { selection.columns[$0] })
    else { return nil }
    return NarrowedTable(
      columns: kept,
      source: .node(
        node, inputs: [.value(selection.source), .constant(places)], attributes: model.attributes(of: node),
        columns: kept.count))
  }

  /// Inserts what makes the table before `reader`, and gives its value.
  func insert(before reader: NodeID, with rewriter: inout Rewriter) -> ValueID {
    Self.insert(source, before: reader, with: &rewriter)
  }

  private static func insert(
    _ source: Source, before reader: NodeID, with rewriter: inout Rewriter
  ) -> ValueID {
    switch source {
    case .value(let value): return value
    case .constant(let tensor):
      return rewriter.addConstant(tensor, in: rewriter.model.graph(of: reader))
    case .node(let node, let inputs, let attributes, let columns):
      let values = inputs.map { insert($0, before: reader, with: &rewriter) }
      let type = rewriter.model.type(of: rewriter.model.outputs(of: node)[0])?.withColumns(columns)
      let copy = rewriter.insert(
        rewriter.model.operatorName(of: node), inputs: values, outputs: [type], attributes: attributes,
        before: reader)
      return rewriter.model.outputs(of: copy)[0]
    }
  }
}

extension Model {
  /// Of a `Reshape` from [N, 1, columns] to [N, columns], what its shape says of the rows; nil for any other.
  fileprivate func columnShape(ofReshape node: NodeID) -> Int? {
    guard let table = input(0, of: node), let before = shape(of: table),
      let sizes = try? input(1, of: node).flatMap({ constant($0) })?.integers(), sizes.count == 2,
      before.rank == 3, before[1] == .fixed(1), let columns = before[2].fixedSize,
      sizes[1] == columns || sizes[1] == -1, attribute("allowzero", of: node)?.int ?? 0 == 0,
      sizes[0] == -1 || sizes[0] == 0 || before[0] == .fixed(sizes[0]), sizes[0] != sizes[1]
    else { return nil }
    return sizes[0]
  }
}

extension Array where Element: Hashable {
  /// The elements at these places; nil where two of all are equal, or a place is not there.
  fileprivate func distinct(at places: [Int]) -> [Element]? {
    guard Set(self).count == count, places.allSatisfy(indices.contains) else { return nil }
    return places.map { self[$0] }
  }
}

extension ValueType {
  /// The type of the same table with another number of columns.
  fileprivate func withColumns(_ columns: Int) -> ValueType? {
    guard case .tensor(let type) = self else { return nil }
    return .tensor(type.elementType, type.shape.map { Shape($0.dimensions.dropLast() + [.fixed(columns)]) })
  }
}
