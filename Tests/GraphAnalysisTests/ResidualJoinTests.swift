import GraphAnalysis
import GraphIR
import Testing

@Suite struct ResidualJoinTests {
  /// As in `y: x | x: - | b: a b`: the join, its fork, and for each side its value and the nodes that go with it.
  private func joins(_ text: String) throws -> [String] {
    let model = try parsed(text)
    return RegionTree(of: model.mainGraph, in: model).residualJoins.map { join in
      let sides = join.sides.map { side in
        "\(model.name(of: side.value)): \(side.nodes.isEmpty ? "-" : model.names(of: side.nodes))"
      }
      return ([model.names(of: [join.node]), join.fork.map { model.name(of: $0) } ?? "-"] + sides).joined(
        separator: " | ")
    }
  }

  @Test(arguments: [
    ("a = local.F (x)  b = local.F (a)  y = Add (x, b)", ["y | x | x: - | b: a b"]),
    ("s = local.F (x)  a = local.F (x)  b = local.F (a)  y = Add (b, s)", ["y | x | b: a b | s: s"]),
    ("a = local.F (x)  b = Sigmoid (a)  y = Mul (a, b)", ["y | a | a: - | b: b"]),
    // What the other side reads, too, does not fall away.
    ("a = local.F (x)  b = local.F (a)  c = local.F (x, a)  y = Add (b, c)", ["y | x | b: b | c: c"]),
    (
      "a = local.F (x)  b = Add (x, a)  c = local.F (b)  y = Add (b, c)",
      ["b | x | x: - | a: a", "y | b | b: - | c: c"]
    ),
    // A bias, and a value joined with itself.
    ("a = Add (x, w)  y = Add (a, a)", []),
    ("a = local.F (x)  b = local.F (x)  y = Concat <axis = 1> (x, a, b)", ["y | x | x: - | a: a | b: b"]),
  ])
  func sides(_ code: String, _ expected: [String]) throws {
    #expect(try joins("g (float[N,4] x) => (y) <float[4] w = {1, 2, 3, 4}> { \(code) }") == expected)
  }
}
