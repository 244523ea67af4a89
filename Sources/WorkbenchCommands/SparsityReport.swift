import CommandLineKit
import GraphAnalysis
import GraphIR

/// What `inspect --sparsity` tells.
struct SparsityReport: Encodable {
  let file: String
  let weights: [Row]
  let total: Total
  let notes: [String]

  init(_ model: Model, file: String) {
    let found = WeightSparsity.all(of: model)
    self.file = file
    weights = found.map { Row($0, model) }
    total = Total(found)
    notes = Self.notes(found, total)
  }

  struct Row: Encodable {
    let layer: String
    let weights: String
    let type: String
    let dimensions: [Int]
    let zeros: Int
    /// Of the weights.
    let zeroShare: Double
    /// Of weights of at most 1e-3 of the largest magnitude.
    let smallShare: Double
    let blocks: Blocks?
    let zeroOutputs: Int
    let outputs: Int
    let zeroInputs: Int
    let inputs: Int
    let errorOfTwoOfFour: Double?
    let errorOfHalf: Double?

    init(_ sparsity: WeightSparsity, _ model: Model) {
      layer = model.label(of: sparsity.node)
      weights = model.label(of: sparsity.value)
      type = sparsity.elementType.description
      dimensions = sparsity.dimensions
      zeros = sparsity.zeros
      zeroShare = Double(sparsity.zeros) / Double(max(sparsity.elements, 1))
      smallShare = Double(sparsity.small) / Double(max(sparsity.elements, 1))
      blocks = sparsity.blocks.map(Blocks.init)
      (zeroOutputs, outputs) = (sparsity.outputs.zeros, sparsity.outputs.count)
      (zeroInputs, inputs) = (sparsity.inputs.zeros, sparsity.inputs.count)
      errorOfTwoOfFour = sparsity.errorOfTwoOfFour
      errorOfHalf = sparsity.errorOfHalf
    }
  }

  struct Blocks: Encodable {
    let count: Int
    let twoOfFour: Int
    let oneOfFour: Int
    let empty: Int

    init(_ blocks: WeightSparsity.Blocks) {
      (count, twoOfFour, oneOfFour, empty) = (blocks.count, blocks.twoOfFour, blocks.oneOfFour, blocks.empty)
    }
  }

  struct Total: Encodable {
    let tensors: Int
    let weights: Int
    let zeros: Int
    /// Tensors whose blocks of four all have two zeros.
    let tensorsOfTwoOfFour: Int

    init(_ found: [WeightSparsity]) {
      tensors = found.count
      weights = found.reduce(0) { $0 + $1.elements }
      zeros = found.reduce(0) { $0 + $1.zeros }
      tensorsOfTwoOfFour = found.count { $0.isTwoOfFour }
    }
  }

  /// Who gains from the zeros that there are.
  private static func notes(_ found: [WeightSparsity], _ total: Total) -> [String] {
    let pointwise = found.filter(\.isPointwise)
    let elements = pointwise.reduce(0) { $0 + $1.elements }
    let zeros = pointwise.reduce(0) { $0 + $1.zeros }
    return [
      "TensorRT on NVIDIA GPUs from Ampere on: kernels for 2:4, for layers where every block of four input "
        + "channels has two zeros; here \(total.tensorsOfTwoOfFour) of \(total.tensors)",
      "LiteRT (XNNPACK): float32 convolutions of 1×1 in networks of a certain form, where two thirds of their "
        + "weights are 0; here "
        + (elements == 0 ? "there are none" : Quantity.percent(Double(zeros) / Double(elements))),
      "ONNX Runtime on CPUs multiplies by zeros as by other numbers: no gain. Layers without their channels of zeros "
        + "are faster everywhere: that is what channel-pruning makes",
    ]
  }

  func show(on terminal: Terminal) {
    guard !weights.isEmpty else {
      terminal.print("\(file): no layer has floating-point weights")
      return
    }
    var table = Table(
      "layer", .number("weights"), .number("zeros"), .number("≤ 1e-3"), .number("2:4"), .number("1:4"),
      .number("empty"), .number("zero outputs"), .number("zero inputs"), .number("lost by 2:4"),
      .number("by half"))
    for row in weights { table.add(row: row.cells) }
    terminal.print(table)
    let share = Quantity.percent(Double(total.zeros) / Double(max(total.weights, 1)))
    terminal.print(
      "\(Quantity.count(total.zeros)) of \(Quantity.count(total.weights)) weights are 0 (\(share))")
    for note in notes { terminal.print("- \(note)") }
  }
}

extension SparsityReport.Row {
  fileprivate var cells: [String] {
    func share(_ part: KeyPath<SparsityReport.Blocks, Int>) -> String {
      blocks.map { Quantity.percent(Double($0[keyPath: part]) / Double(max($0.count, 1))) } ?? "–"
    }
    return [
      layer, dimensions.map(String.init).joined(separator: "×"), Quantity.percent(zeroShare),
      Quantity.percent(smallShare), share(\.twoOfFour), share(\.oneOfFour), share(\.empty),
      "\(zeroOutputs) of \(outputs)", "\(zeroInputs) of \(inputs)",
      errorOfTwoOfFour.map { Quantity.percent($0) } ?? "–", errorOfHalf.map { Quantity.percent($0) } ?? "–",
    ]
  }
}

extension WeightSparsity {
  fileprivate var isTwoOfFour: Bool { blocks.map { $0.twoOfFour == $0.count } ?? false }
}
