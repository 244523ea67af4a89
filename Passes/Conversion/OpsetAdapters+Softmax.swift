import GraphIR
import Rewriting
import TensorCore

// Until version 12, `axis` cut the input's axes into the rows and the columns of a matrix, and the operator
// worked on rows. From 13 on it works along that axis alone.

extension OpsetAdapters {
  static let softmax: [Adapter] = [
    Adapter(["Hardmax", "LogSoftmax", "Softmax"], 13, workAlongOneAxis)
  ]

  private static func workAlongOneAxis(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    let axis = try upgrade.value("axis")?.int ?? 1
    let shape = upgrade.input(0).flatMap { rewriter.model.shape(of: $0) }
    if axis == -1 || shape.map({ $0.normalizedAxis(axis) == $0.rank - 1 }) == true {
      return upgrade.set("axis", to: -1)
    }
    if let shape, let first = shape.normalizedAxis(axis) {
      // With a single axis that is not of size 1, rows are what lies along it.
      let wide = (first..<shape.rank).filter { shape[$0] != .fixed(1) }
      if wide.count <= 1 { return upgrade.set("axis", to: .init(wide.first ?? first)) }
    }
    try workOnMatrix(&upgrade, axis: axis, &rewriter)
  }

  /// Flattens the input, works along its rows, and gives the result the input's shape.
  private static func workOnMatrix(
    _ upgrade: inout NodeUpgrade, axis: Int, _ rewriter: inout Rewriter
  ) throws {
    guard let input = upgrade.input(0), let output = rewriter.model.output(0, of: upgrade.node) else {
      return
    }
    try upgrade.requireNoEmptyAxes(of: input, in: rewriter.model)
    let elementType = rewriter.model.elementType(of: input)
    let matrix = elementType.map { ValueType.tensor($0, [.unknown, .unknown]) }
    let rank = rewriter.model.shape(of: input)?.rank
    let sizes = upgrade.insert(
      "Shape", [input], type: .tensor(.int64, rank.map { [.fixed($0)] }), with: &rewriter)
    let rows = upgrade.insert("Flatten", [input], ["axis": .init(axis)], type: matrix, with: &rewriter)
    let name = rewriter.model.name(of: upgrade.node)
    let work = rewriter.insert(
      upgrade.old.op, inputs: [rows], outputs: [matrix], attributes: [Attribute("axis", .int(-1))],
      name: name,
      before: upgrade.node)
    let reshape = rewriter.insert(
      OperatorName("Reshape"), inputs: [rewriter.model.outputs(of: work)[0], sizes],
      outputs: [rewriter.model.type(of: output)], before: upgrade.node)
    try upgrade.replaceOutputs([output], by: reshape, with: &rewriter)
    upgrade.isReplaced = true
  }
}

extension NodeUpgrade {
  /// In `Reshape`, a size of 0 stands for the input's size of that axis.
  fileprivate func requireNoEmptyAxes(of value: ValueID, in model: Model) throws {
    let dimensions = model.shape(of: value)?.dimensions.dropFirst() ?? []
    try require(!dimensions.contains(.fixed(0)), "an axis is empty")
  }
}
