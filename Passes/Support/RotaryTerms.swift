import GraphIR
import Rewriting
import TensorCore

/// Rotary position embedding of the first half of each head against its second, as PyTorch's exporters write it:
/// `x · cos(a) + (−x₂ ‖ x₁) · sin(a)` over [batch, heads, length, size], with angles `a = m ‖ m`.
struct RotaryTerms {
  let x = Var("x")
  /// m
  let angles = Var("m")
  fileprivate let signs = Constant("signs")
  fileprivate let cosines = Capture("cosines"), sines = Capture("sines"), split = Capture("split")
  fileprivate let joined = Capture("joined"), doubled = Capture("doubled")

  var sum: Term {
    let axes = Variadic("axes"), sizes = Variadic("sizes")
    let angle = Op.Concat(angles, angles, as: doubled)
    let second = Op.Split(x, sizes, as: split).output(1), first = Op.Split(x, sizes, as: split)
    let sine = Op.Unsqueeze(Op.Sin(angle), axes, as: sines)
    // The sign may have gone into the sines: see `MoveRotarySign`.
    let signed = Op.Mul(sine, signs).commuting
    let turned = Op.Mul(Op.Concat(Op.Neg(second), first, as: joined), sine).commuting
      .or(Op.Mul(Op.Concat(second, first, as: joined), signed).commuting)
    return Op.Add(Op.Mul(x, Op.Unsqueeze(Op.Cos(angle), axes, as: cosines)).commuting, turned).commuting
  }
}

extension Match {
  /// The shapes of x and m.
  /// - Throws: `MatchFailure` unless m is [any, length, size / 2], the angles get an axis for the heads, and the halves
  ///   are equal.
  func rotationShapes(_ terms: RotaryTerms) throws -> (value: Shape, angles: Shape) {
    let shape = try shape(of: terms.x), half = try self.shape(of: terms.angles)
    try require(shape.rank == 4 && half.rank == 3, "there are no heads")
    let size = try unwrap(half[2].fixedSize, "the number of angles is unknown")
    try requireSigns(terms.signs, half: size)
    try require(
      size > 0 && shape[3].isKnownEqual(to: half[2] + half[2]) && shape[2].isKnownEqual(to: half[1]),
      "there is no angle for each element")
    for (node, rank) in [(terms.doubled, 3), (terms.joined, 4), (terms.split, 4)] {
      let axis = try self[node].int("axis")
      try require(axis == -1 || axis == rank - 1, "the halves are not of the last axis")
    }
    for node in [terms.cosines, terms.sines] {
      try require(self[node].ints("axes") == [1], "the angles get no axis for the heads")
    }
    let parts = try self[terms.split].outputs
    try require(
      parts.count == 2
        && parts.allSatisfy { model.shape(of: $0)?.dimensions.last?.fixedSize == size },
      "the halves are not equal")
    return (value: shape, angles: half)
  }

  /// Refuses unless the constant, if there is one, negates the first half and nothing else.
  private func requireSigns(_ signs: Constant, half: Int) throws {
    guard let tensor = self[optional: signs] else { return }
    try require(half > 0 && half <= 4096 && tensor.elementCount == 2 * half, "the signs are others")
    let expected = [Double](repeating: -1, count: half) + [Double](repeating: 1, count: half)
    try require(tensor.doubles() == expected, "the signs are others")
  }

  /// What `rotation` makes of x and no attributes. Where a `Reshape` and a `Transpose` divide x into heads, they follow
  /// the operator instead, for attention to take in: then it makes something of [batch, length, heads · size] and the
  /// number of heads.
  func rotated(_ x: Var, by rotation: (ValueID, AttributeList) throws -> Term) throws -> Term {
    guard let parts = try dividedHeads(self[x]), !parts.isLengthFirst,
      let transpose = producer(of: try self[x]), let divided = transpose.inputs.first ?? nil,
      let reshape = producer(of: divided), let target = reshape.inputs.last ?? nil,
      let heads = model.shape(of: divided)?[2].fixedSize
    else { return try rotation(self[x], [:]) }
    let rotated = try rotation(parts.source, ["num_heads": .init(heads)])
    return Op.Transpose(
      Op.Reshape(rotated, target, attributes: reshape.attributes), attributes: transpose.attributes)
  }
}
