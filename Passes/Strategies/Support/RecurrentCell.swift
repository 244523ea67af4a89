import GraphIR
import Rewriting
import TensorCore

/// An `LSTM`, `GRU` or `RNN` with constant weights, each of which only it reads. Its gates work on every hidden unit
/// alone; units meet in the products with W and R.
struct RecurrentCell: Sendable {
  /// Of each operator.
  static let gates = ["GRU": 3, "LSTM": 4, "RNN": 1]

  let node: NodeID
  let hidden: Int
  let directions: Int
  /// Blocks of rows of W and R for each direction, one row for each unit.
  let gates: Int
  /// Whether the cell's last product reads the state behind the reset gate.
  private let resetsBeforeProduct: Bool
  private let direction: String
  private let startsAtZero: Bool
  private let hasLengths: Bool
  private let steps: Int?

  enum Slot {
    static let (input, weights, recurrence, bias, lengths, state, cell, peepholes) = (0, 1, 2, 3, 4, 5, 6, 7)
  }

  /// Element by element; as runtimes read them, in any case.
  private static let activations: Set<String> = [
    "affine", "elu", "hardsigmoid", "leakyrelu", "relu", "scaledtanh", "sigmoid", "softplus", "softsign",
    "tanh", "thresholdedrelu",
  ]

  /// Nil for other nodes, before version 7, batches before sequences, and shapes that do not fit one another.
  init?(_ node: NodeID, in model: Model) {
    let op = model.operatorName(of: node)
    guard op.isStandard, let gates = Self.gates[op.name], model.opset("", in: model.graph(of: node)) ?? 0 >= 7
    else { return nil }
    func number(_ name: String) -> Int? { model.attribute(name, of: node)?.int }
    func weights(_ index: Int) -> [Int]? {
      guard let value = model.input(index, of: node), model.hasOneUse(value),
        let tensor = model.constant(value), tensor.elementType.isFloatingPoint
      else { return nil }
      return tensor.dimensions
    }
    let direction = (try? model.view(of: node).string("direction")) ?? ""
    guard let hidden = number("hidden_size"), hidden > 0,
      number("layout") ?? 0 == 0, ["forward", "reverse", "bidirectional"].contains(direction),
      let input = weights(Slot.weights), let recurrence = weights(Slot.recurrence),
      Self.areElementwise(model.attribute("activations", of: node))
    else { return nil }
    (self.node, self.hidden, self.gates, self.direction) = (node, hidden, gates, direction)
    directions = direction == "bidirectional" ? 2 : 1
    resetsBeforeProduct = op.name == "GRU" && number("linear_before_reset") ?? 0 == 0
    startsAtZero = model.input(Slot.state, of: node) == nil
    hasLengths = model.input(Slot.lengths, of: node) != nil
    steps = model.input(Slot.input, of: node).flatMap { model.shape(of: $0)?.dimensions.first?.fixedSize }
    let rows = gates.multipliedReportingOverflow(by: hidden)
    guard !rows.overflow, recurrence == [directions, rows.partialValue, hidden], input.count == 3,
      input[0] == directions, input[1] == rows.partialValue
    else { return nil }
  }

  private static func areElementwise(_ activations: AttributeValue?) -> Bool {
    guard let activations else { return true }
    guard case .strings(let names) = activations else { return false }
    return names.allSatisfy { Self.activations.contains($0.text?.lowercased() ?? "") }
  }

  private var rowsOfDirection: Int { gates * hidden }

  // MARK: Products

  /// X · Wᵀ, of all directions.
  var inputProduct: RecurrentProduct {
    product(
      Slot.weights, rows: 0..<directions * rowsOfDirection, biasAt: 0, states: nil)
  }

  /// H · Rᵀ: for each direction, of all gates.
  ///
  /// A `GRU` that resets the state first multiplies its last gate with something else than the state. Weights that are
  /// fitted to the state are close there as well, but what the state is on the mean is no constant of the gate.
  var recurrentProducts: [RecurrentProduct] {
    (0..<directions).flatMap { direction -> [RecurrentProduct] in
      let states = RecurrentStates(
        direction: direction, directions: directions,
        isReversed: self.direction == "reverse" || direction == 1, startsAtZero: startsAtZero,
        hasLengths: hasLengths, steps: steps)
      let first = direction * rowsOfDirection
      let (last, end) = (first + (gates - 1) * hidden, first + rowsOfDirection)
      guard resetsBeforeProduct else {
        return [product(Slot.recurrence, rows: first..<end, biasAt: rowsOfDirection, states: states)]
      }
      return [
        product(Slot.recurrence, rows: first..<last, biasAt: rowsOfDirection, states: states),
        product(Slot.recurrence, rows: last..<end, biasAt: nil, states: states),
      ]
    }
  }

  /// - Parameter biasAt: where in each direction's part of the bias [Wb, Rb] that of the product begins.
  private func product(_ index: Int, rows: Range<Int>, biasAt start: Int?, states: RecurrentStates?)
    -> RecurrentProduct
  {
    let size = rowsOfDirection
    return RecurrentProduct(
      place: ParameterPlace(node: node, index: index), rows: rows,
      bias: start.map { start in rows.map { $0 / size * 2 * size + start + $0 % size } },
      biasPlace: ParameterPlace(node: node, index: Slot.bias), biasDimensions: [directions, 2 * size],
      states: states)
  }
}

/// One of the products of a recurrent cell: with rows of W or R, counted through all directions.
struct RecurrentProduct: Sendable {
  let place: ParameterPlace
  let rows: Range<Int>
  /// For each row, the element of the bias that is added; nil where none is that would do as a constant.
  let bias: [Int]?
  let biasPlace: ParameterPlace
  let biasDimensions: [Int]
  /// Nil where the cell's input is read.
  let states: RecurrentStates?
}

/// Which rows of a cell's output [sequence, directions, batch, hidden] it reads itself.
struct RecurrentStates: Sendable {
  let direction: Int
  let directions: Int
  let isReversed: Bool
  let startsAtZero: Bool
  /// Sequences may end before the output does, which then is 0.
  let hasLengths: Bool
  /// Of a sequence; nil where that is not known. Runs of several samples one by one have them one behind the other.
  let steps: Int?
}

extension OperatorName {
  var isRecurrent: Bool { isStandard && RecurrentCell.gates[name] != nil }
}
