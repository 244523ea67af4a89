import GraphIR
import Rewriting
import TensorCore

extension Match {
  /// [batch, heads, length of queries, length of keys] of `MatMul(q, k)`, where `k` is transposed.
  func scoresShape(_ q: Var, _ k: Var, _ v: Var) throws -> Shape {
    let shapes = try [q, k, v].map { try shape(of: $0) }
    try require(shapes.allSatisfy { $0.rank == 4 }, "there are no heads")
    for other in shapes.dropFirst() {
      try require(
        (0..<2).allSatisfy { other[$0].isKnownEqual(to: shapes[0][$0]) }, "batch or heads may differ")
    }
    return Shape([shapes[0][0], shapes[0][1], shapes[0][2], shapes[1][3]])
  }

  func requireMask(_ mask: Var, fits scores: Shape) throws {
    let shape = try shape(of: mask)
    try require(shape.rank >= 2 && scores.absorbs(shape), "the mask may enlarge the scores")
    try require(
      Shape(Array(shape.dimensions.suffix(2))).isKnownEqual(to: Shape(Array(scores.dimensions.suffix(2)))),
      "the mask broadcasts along lengths")
  }

  /// The mask for the standard's `Attention`, of single or half precision.
  ///
  /// Where nothing but the lowest number masks all that a row may look at, the parts give a mean of V, and ONNX Runtime's
  /// operator 0. It does so for this one number only, so that the next one masks instead.
  func openMask(_ mask: Var) throws -> Term {
    let value = try self[mask]
    let edge = try LowestNumber(of: elementType(of: mask))
    if let tensor = model.constant(value) { return try edge.lifted(tensor)?.term ?? mask.term }
    if let choice = producer(of: value), choice.op == OperatorName("Where"), choice.inputs.count == 3,
      let condition = choice.inputs[0], let first = choice.inputs[1], let second = choice.inputs[2],
      let constants = model.constant(first).flatMap({ one in model.constant(second).map { [one, $0] } })
    {
      let lifted = try constants.map { try edge.lifted($0) }
      guard lifted.contains(where: { $0 != nil }) else { return mask.term }
      return Op.Where(condition, lifted[0]?.term ?? first.term, lifted[1]?.term ?? second.term)
    }
    return Op.Where(Op.Equal(value, edge.lowest), edge.next, value)
  }
}

/// The lowest finite number of a type, and the one above it.
private struct LowestNumber {
  let lowest: Tensor
  let next: Tensor

  init(of type: ElementType) throws {
    let isHalf = type == .float16
    lowest = try Tensor(type, rounding: [isHalf ? -65504 : Double(-Float.greatestFiniteMagnitude)], [])
    next = try Tensor(type, rounding: [isHalf ? -65472 : Double((-Float.greatestFiniteMagnitude).nextUp)], [])
  }

  /// The tensor with the next number for the lowest; nil where it holds none.
  func lifted(_ tensor: Tensor) throws -> Tensor? {
    let numbers = try tensor.doubles()
    guard let lowest = lowest.scalarValue, let next = next.scalarValue, numbers.contains(lowest) else {
      return nil
    }
    return try Tensor(
      tensor.elementType, rounding: numbers.map { $0 == lowest ? next : $0 }, tensor.dimensions)
  }
}

/// A value [batch, heads, length, size] that a `Reshape` and a `Transpose` make of one with three axes.
struct DividedHeads {
  /// [batch, length, heads · size], or [length, batch, heads · size].
  var source: ValueID
  var isLengthFirst: Bool

  /// The source with the batch as its first axis.
  var batchFirst: Term {
    isLengthFirst ? Op.Transpose(source, attributes: ["perm": [1, 0, 2]]) : source.term
  }
}

extension Match {
  /// What `value` is divided from; nil where it is no result of a `Reshape` that splits the last of three axes and a
  /// `Transpose` to [batch, heads, length, size], or with `isTurned` to [batch, heads, size, length].
  func dividedHeads(_ value: ValueID, isTurned: Bool = false) throws -> DividedHeads? {
    guard let transpose = producer(of: value), transpose.op == OperatorName("Transpose"),
      let permutation = try transpose.permutation(), let divided = transpose.inputs.first ?? nil,
      let reshape = producer(of: divided), reshape.op == OperatorName("Reshape"),
      let source = reshape.inputs.first ?? nil, let before = model.shape(of: source),
      let after = model.shape(of: divided), before.rank == 3, after.rank == 4,
      (0..<2).allSatisfy({ before[$0].isKnownEqual(to: after[$0]) }), after[2].fixedSize != nil,
      after[3].fixedSize != nil
    else { return nil }
    let (batchFirst, lengthFirst) = isTurned ? ([0, 2, 3, 1], [1, 2, 3, 0]) : ([0, 2, 1, 3], [1, 2, 0, 3])
    guard permutation == batchFirst || permutation == lengthFirst else { return nil }
    return DividedHeads(source: source, isLengthFirst: permutation == lengthFirst)
  }

  /// The value with its last two axes exchanged; a `Transpose` that gives it is exchanged for another, or left out.
  func withLastAxesExchanged(_ value: ValueID) throws -> Term {
    var permutation = [0, 1, 2, 3]
    var source = value
    if let producer = producer(of: value), producer.op == OperatorName("Transpose"),
      let given = try producer.permutation(), given.count == 4,
      let input = producer.inputs.first ?? nil
    {
      (permutation, source) = (given, input)
    }
    permutation.swapAt(2, 3)
    if permutation == [0, 1, 2, 3] { return source.term }
    return Op.Transpose(source, attributes: ["perm": AttributeLiteral(permutation)])
  }
}
