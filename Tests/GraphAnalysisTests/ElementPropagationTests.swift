import GraphAnalysis
import GraphIR
import Testing

/// Each text computes `r` from s = [N, S, 64], the shape of the input.
@Suite struct ElementPropagationTests {
  @Test(arguments: [
    ("r = Gather (s, last)", "64"),
    ("r = Slice (s, one, three)", "S 64"),
    ("r = Concat <axis = 0> (s, three)", "N S 64 3"),
    ("r = Concat <axis = 0> (s, u)", "N S 64 ?"),
    ("r = Mul (s, three)", "3*N 3*S 192"),
    ("r = Div (s, three)", "N//3 S//3 21"),
    ("t = Neg (s)  r = Div (t, three)", "? ? -21"),
    ("t = Sub (s, s)  r = Add (t, one)", "1 1 1"),
    ("t = Cast <to = 1> (s)  w = Mul (t, two)  v = Floor (w)  r = Cast <to = 7> (v)", "2*N 2*S 128"),
    ("t = Cast <to = 1> (s)  w = Mul (t, half)  v = Floor (w)  r = Cast <to = 7> (v)", "-"),
    ("r = ReduceProd <keepdims = 0> (s)", "64*N*S"),
    (
      "c = Equal (s, minus)  t = ConstantOfShape <value = int64[1] {1}> (rank)  r = Where (c, t, s)", "N S 64"
    ),
    ("c = Equal (s, one)  r = Where (c, s, one)", "? ? 1"),
    ("c = Less (s, minus)  r = Cast <to = 7> (c)", "0 0 0"),
    ("r = Min (s, three)", "min(3,N) min(3,S) 3"),
    ("r = Expand (one, rank)", "1 1 1"),
    ("t = Size (x)  r = Identity (t)", "64*N*S"),
    ("r = Range (zero, four, stride)", "0 2"),
    ("r = Mod (s, three)", "? ? 1"),
    ("z = Sub (one, one)  r = Div (s, z)", "-"),
  ])
  func elements(of code: String, are expected: String) throws {
    let model = try parsed(
      """
      g (float[N,S,64] x, int64[1] u) => (r)
      <int64[1] one = {1}, int64[1] three = {3}, int64[1] last = {-1}, int64[1] minus = {-1}, int64[1] rank = {3},
       float two = {2.0}, float half = {0.5}, int64 zero = {0}, int64 four = {4}, int64 stride = {2}>
      {
        s = Shape (x)
        \(code)
      }
      """)
    let result = try #require(model.value("r"))
    let elements = SymbolicValues(of: model)[result]
    #expect(elements?.map(\.description).joined(separator: " ") ?? "-" == expected)
  }
}
