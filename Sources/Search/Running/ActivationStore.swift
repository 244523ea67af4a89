import Evaluation
import GraphIR
import TensorCore

/// Activations of the unchanged model at its cut points, for some samples: what comes before a change need not
/// be computed again.
struct ActivationStore: Sendable {
  private struct Key: Hashable {
    let cut: ValueID
    let set: Int
  }

  private var stored: [Key: SampleSet] = [:]
  private let cuts: CutPoints
  static let inputName = "workbench_cut"

  /// Runs `model` once on each of `sets`, for as many of the cuts as fit into `byteLimit`.
  init(
    of model: Model, cuts: CutPoints, sets: [SampleSet], byteLimit: Int, runner: VariantRunner
  ) throws {
    self.cuts = cuts
    let samples = sets.reduce(0) { $0 + $1.count }
    var bytes = 0
    let affordable = cuts.cuts.filter { cut in
      guard let size = Self.byteCount(of: cut.value, in: model) else { return false }
      let total = size.multipliedReportingOverflow(by: samples)
      guard !total.overflow, bytes + total.partialValue <= byteLimit else { return false }
      bytes += total.partialValue
      return true
    }
    for (index, cut) in affordable.enumerated() {
      do {
        try store(cut, after: index > 0 ? affordable[index - 1] : nil, of: model, sets, runner)
      } catch let error as WorkerError where error.isLoss {
        // Nothing depends on having them: later changes begin at an earlier cut, or at the inputs.
        return
      }
    }
  }

  /// Runs the part between two cuts: each node runs once for all activations.
  private mutating func store(
    _ cut: CutPoints.Cut, after previous: CutPoints.Cut?, of model: Model, _ sets: [SampleSet],
    _ runner: VariantRunner
  ) throws {
    let from = previous.map { [(name: Self.inputName, value: $0.value)] } ?? []
    let variant = try runner.prepare(
      model.extracting([(name: "workbench_activations", value: cut.value)], from: from))
    for (index, set) in sets.enumerated() {
      let source = previous.flatMap { stored[Key(cut: $0.value, set: index)] } ?? set
      stored[Key(cut: cut.value, set: index)] = try runner.store(variant, on: source, as: Self.inputName)
    }
  }

  /// Where to begin for a change of `nodes`: the last stored cut before them, and the activations there of the
  /// samples `range` of `set`.
  func start(for nodes: [NodeID], set: Int, range: Range<Int>) -> (cut: ValueID, samples: SampleSet)? {
    guard let cut = cuts.last(before: nodes, where: { stored[Key(cut: $0.value, set: set)] != nil }),
      let samples = stored[Key(cut: cut.value, set: set)]
    else { return nil }
    return (cut.value, samples.slice(range))
  }

  /// Of one sample, where everything but the first axis is fixed.
  static func byteCount(of value: ValueID, in model: Model) -> Int? {
    guard let type = model.type(of: value)?.tensorType, let shape = type.shape, shape.rank > 0 else {
      return nil
    }
    let rest = Shape(Array(shape.dimensions.dropFirst())).elementCount.fixedSize
    return rest.flatMap { type.elementType.byteCount(ofElements: $0) }
  }
}
