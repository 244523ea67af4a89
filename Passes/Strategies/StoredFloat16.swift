import Candidates
import GraphIR
import Kernels
import TensorCore

/// Constants in half precision, which the runtime turns into single precision when it loads the model: half the bytes
/// of the file, for next to no loss.
///
/// Computing in half precision gains nothing on x86, where ONNX Runtime has no kernels for it and puts casts around
/// each operator: 1.00 to 1.12 of the time was measured.
struct StoredFloat16: ScheduleGenerator {
  static let name = "stored-float16"
  static let summary = "store constants in half precision, which runtimes widen when they load the model"
  static let stage = StrategyStage.precision
  static let isForStorage = true

  /// Fewer are not worth a node.
  private static let leastElements = 64

  func schedule(for model: Model, keeping: Set<NodeID>, activations: any ActivationSource) throws
    -> (any Schedule)?
  {
    let constants = try model.initializers(of: model.mainGraph)
      .filter { model.users(of: $0).allSatisfy { !keeping.contains($0) } }
      .compactMap { try HalvedConstant($0, in: model) }
      .filter { $0.tensor.elementCount >= Self.leastElements }
      .sorted { ($0.error, $0.value) < ($1.error, $1.value) }
    guard !constants.isEmpty else { return nil }
    let steps = constants.map { constant in
      ScheduledStep(
        title: Self.title(of: constant.value, in: model), nodes: model.users(of: constant.value),
        predictedError: constant.error, saving: Saving(bytes: 2 * constant.tensor.elementCount))
    }
    return HalvedSchedule(constants: constants, steps: steps)
  }

  /// As in `'conv' (Conv): W`: values that the exact passes made have no names.
  private static func title(of constant: ValueID, in model: Model) -> String {
    guard let reader = model.users(of: constant).first,
      let index = model.inputs(of: reader).firstIndex(of: constant)
    else { return model.label(of: constant) }
    let parameter = model.schema(of: reader)?.input(at: index)?.name ?? "input \(index)"
    return "\(model.label(of: reader)): \(parameter)"
  }

  static let given = """
    float[N, 8] x; const float[8, 8] w; const float[8, 8] large in 100000.0...200000.0; const float[8, 2] few
    """

  static let examples: [StrategyExample] = [
    .changes(
      "weights", "y = MatMul(x, w)", to: "float16[8, 8] w_1; c = Cast<to = 1>(w_1); y = MatMul(x, c)",
      loss: .atMost(1e-7)),
    .changes(
      "weights that have the precision", "y = MatMul(x, h)",
      to: "const float16[8, 8] h_1 = 0.375; c = Cast<to = 1>(h_1); y = MatMul(x, c)", loss: .none,
      given: "float[N, 8] x; const float[8, 8] h = 0.375"),
    .keeps("numbers beyond half precision", "y = MatMul(x, large)", because: "they would become infinite"),
    .keeps("few numbers", "y = MatMul(x, few)", because: "they are not worth a node"),
  ]
}

/// A constant in single precision, and itself in half precision.
private struct HalvedConstant: Sendable {
  let value: ValueID
  let tensor: Tensor
  /// The squared error relative to the square.
  let error: Double

  /// Nil for other types, for numbers beyond half precision, and where a graph returns it.
  init?(_ value: ValueID, in model: Model) throws {
    guard let whole = model.constant(value), whole.elementType == .float32, !model.users(of: value).isEmpty,
      !model.uses(of: value).contains(where: { model.isTerminator($0.user) })
    else { return nil }
    let numbers = try whole.doubles()
    let half = try Tensor(.float16, rounding: numbers, whole.dimensions)
    let kept = try half.doubles()
    guard areFinite(kept) else { return nil }
    (self.value, tensor) = (value, half)
    error = sumOfSquares(differences(numbers, kept)) / max(sumOfSquares(numbers), .leastNormalMagnitude)
  }
}

private struct HalvedSchedule: Schedule {
  let constants: [HalvedConstant]
  let steps: [ScheduledStep]

  func apply(_ chosen: [Int], to model: inout Model) throws {
    try model.edit(as: StoredFloat16.name) { rewriter in
      let graph = rewriter.model.mainGraph
      guard let first = rewriter.model.firstNode(of: graph) else { return }
      for index in chosen {
        let constant = constants[index]
        let stored = rewriter.addConstant(constant.tensor, in: graph)
        let widened = rewriter.value(
          of: "Cast", [stored], type: .tensor(.float32, Shape(fixed: constant.tensor.dimensions)),
          attributes: [Attribute("to", .int(Int64(ElementType.float32.rawValue)))], before: first)
        try rewriter.replaceAllUses(of: constant.value, with: widened)
      }
    }
  }
}
