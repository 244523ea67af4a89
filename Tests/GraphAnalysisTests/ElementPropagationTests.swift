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
    ("t = Cast <to = 1> (n)  w = Mul (t, half)  v = Floor (w)  r = Cast <to = 7> (v)", "N//2"),
    (
      "t = Cast <to = 1> (n)  d = Cast <to = 1> (three)  w = Div (t, d)  v = Ceil (w)  r = Cast <to = 7> (v)",
      "(N+2)//3"
    ),
    ("t = Cast <to = 1> (n)  d = Cast <to = 1> (three)  w = Div (t, d)  r = Cast <to = 7> (w)", "N//3"),
    ("m = Neg (n)  t = Cast <to = 1> (m)  w = Mul (t, half)  r = Cast <to = 7> (w)", "-"),
    ("t = Cast <to = 1> (n)  w = Mul (t, fifth)  v = Floor (w)  r = Cast <to = 7> (v)", "-"),
    (
      "r = If (yes) <then_branch = a () => (p) { p = Identity (s) }, else_branch = b () => (q) { q = Neg (s) }>",
      "N S 64"
    ),
    (
      "r = If (maybe) <then_branch = a () => (p) { p = Neg (s) }, else_branch = b () => (q) { q = Neg (s) }>",
      "-N -S -64"
    ),
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
    ("r = Mod (s, three)", "N-3*(N//3) S-3*(S//3) 1"),
    ("r = Mod (minus, three)", "2"),
    ("r = Mod <fmod = 1> (minus, three)", "-"),
    ("a, b = Split <axis = 0> (s, parts)  r = Identity (b)", "S 64"),
    ("r = ScatterND (s, place, three)", "N 3 64"),
    (
      "p = Reshape (s, column)  q = Concat <axis = 1> (p, p)  t = Transpose (q)  r = Slice (t, last, least, zero1, last)",
      "N S 64 N S 64"
    ),
    ("p = Reshape (s, column)  q = Tile (p, pair)  r = ReduceSum <keepdims = 0> (q, ones)", "2*N 2*S 128"),
    ("p = Reshape (s, column)  t = Transpose (p)  q = Add (p, t)  r = Gather (q, zero)", "2*N N+S N+64"),
    ("p = Reshape (s, column)  t = Expand (p, pair)  r = Gather <axis = 1> (t, zero)", "N S 64"),
    ("z = Sub (one, one)  r = Div (s, z)", "-"),
  ])
  func elements(of code: String, are expected: String) throws {
    let model = try parsed(
      """
      g (float[N,S,64] x, int64[1] u, bool maybe) => (r)
      <int64[1] one = {1}, int64[1] three = {3}, int64[1] last = {-1}, int64[1] minus = {-1}, int64[1] rank = {3},
       float two = {2.0}, float half = {0.5}, float fifth = {0.2}, bool yes = {1}, int64 zero = {0}, int64 four = {4}, int64 stride = {2},
       int64[2] parts = {1, 2}, int64[1,1] place = {1}, int64[2] column = {3, 1}, int64[2] pair = {1, 2},
       int64[1] least = {-9223372036854775807}, int64[1] zero1 = {0}, int64[1] ones = {1}>
      {
        s = Shape (x)
        n = Gather (s, zero)
        \(code)
      }
      """)
    let result = try #require(model.value("r"))
    let elements = SymbolicValues(of: model)[result]
    #expect(elements?.map(\.description).joined(separator: " ") ?? "-" == expected)
  }
}
