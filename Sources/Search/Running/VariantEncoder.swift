import GraphAnalysis
import GraphIR
import ONNXFormat

/// Makes variants of a model ready for a worker. It talks to none, so that the next can be made while one runs.
struct VariantEncoder: Sendable {
  /// A variant as the runtime reads it, with the share of the original's work that one sample of it takes.
  struct Encoded: Sendable {
    let bytes: [UInt8]
    let outputs: [String]
    let share: Double
  }

  /// Weights mapped from files below this folder are not copied.
  let weightFolder: String
  private let fullCost: Int

  init(base: Model, weightFolder: String) {
    self.weightFolder = weightFolder
    fullCost = Self.cost(of: base)
  }

  func encode(_ model: Model) throws -> Encoded {
    Encoded(
      bytes: try ONNXFormat.encodeSkeleton(model.named(types: .none), folder: weightFolder),
      outputs: model.outputNames(of: model.mainGraph),
      share: Double(Self.cost(of: model)) / Double(max(fullCost, 1)))
  }

  /// Multiply-accumulates, plus a little for every node, so that models without any have a cost, too.
  private static func cost(of model: Model) -> Int {
    let (cost, overflow) = CostModel.macs(of: model).addingReportingOverflow(model.allNodes.count)
    return overflow ? .max : cost
  }
}
