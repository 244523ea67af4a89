import GraphIR
import Testing

@testable import Rewriting

/// What a sketch refuses, no match is tried for: it may let pass too much, never too little.
@Suite struct PatternSketchTests {
  private let x = Var("x"), y = Var("y"), c = Constant("c")

  /// Whether the pattern may match at the last node of `text`.
  private func mayMatch(_ pattern: Term, _ text: String) throws -> Bool {
    let model = try Model(NamedModel(example: text, opset: 21))
    var sketches = PatternSketches()
    // A sketch does not always lie at the beginning.
    _ = sketches.add(Op.Exp(x))
    let place = sketches.add(pattern)
    var numbering = PatternSketches.Numbering()
    sketches.extend(&numbering, by: model)
    let root = try #require(model.nodes(of: model.mainGraph).last)
    return sketches.mayMatch(place, at: root, in: model, numbering)
  }

  @Test func operatorsAreThoseOfThePattern() throws {
    let pattern = Op.Abs(Op.Neg(x))
    #expect(try mayMatch(pattern, "h = Neg(a); y = Abs(h)"))
    #expect(try !mayMatch(pattern, "h = Neg(a); y = Neg(h)"))
    #expect(try !mayMatch(pattern, "h = Relu(a); y = Abs(h)"))
    #expect(try !mayMatch(pattern, "y = Abs(a)"))
  }

  @Test func inputsThatCommuteAreTriedInBothOrders() throws {
    #expect(try mayMatch(Op.Add(Op.Neg(x), y).commuting, "h = Neg(a); y = Add(b, h)"))
    #expect(try !mayMatch(Op.Add(Op.Neg(x), y), "h = Neg(a); y = Add(b, h)"))
  }

  @Test func oneOfTheAlternativesIsEnough() throws {
    let pattern = Op.Abs(Op.Neg(x).or(Op.Relu(x)))
    #expect(try mayMatch(pattern, "h = Relu(a); y = Abs(h)"))
    #expect(try !mayMatch(pattern, "h = Exp(a); y = Abs(h)"))
    #expect(try mayMatch(Op.Abs(x).or(Op.Neg(x)), "y = Neg(a)"))
  }

  @Test func resultsOfOperatorsAreNoConstants() throws {
    #expect(try mayMatch(Op.Add(x, c), "y = Add(a, 2.0)"))
    #expect(try !mayMatch(Op.Add(x, c), "h = Neg(a); y = Add(a, h)"))
    #expect(try mayMatch(Op.Add(x, 1.0), "y = Add(a, 2.0)"))
  }

  @Test func inputsAreLeftOutAsInThePattern() throws {
    #expect(try mayMatch(Op.Clip(x, Term.absent, y), "y = Clip(a, , b)"))
    #expect(try !mayMatch(Op.Clip(x, Term.absent, y), "y = Clip(a, b)"))
    #expect(try !mayMatch(Op.Clip(x), "y = Clip(a, b)"))
    #expect(try mayMatch(Op.Clip(x, Constant("low").optional), "y = Clip(a)"))
    #expect(try mayMatch(Op.Concat(Variadic("parts")), "y = Concat<axis = 0>(a, b)"))
  }
}
