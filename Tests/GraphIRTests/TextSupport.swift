import GraphIR
import TensorCore

/// Where `a` and `b` differ, by the path of properties; nil where every property and every bit is the same.
func difference(_ a: Any, _ b: Any, at path: String = "") -> String? {
  if let a = a as? Tensor, let b = b as? Tensor { return a.isIdentical(to: b) ? nil : path }
  if let a = a as? Float, let b = b as? Float { return a.bitPattern == b.bitPattern ? nil : path }
  let mirrorA = Mirror(reflecting: a)
  let mirrorB = Mirror(reflecting: b)
  let childrenA = Array(mirrorA.children)
  let childrenB = Array(mirrorB.children)
  guard childrenA.count == childrenB.count, childrenA.map(\.label) == childrenB.map(\.label) else {
    return "\(path): \(a) or \(b)"
  }
  if childrenA.isEmpty { return "\(a)" == "\(b)" ? nil : "\(path): \(a) or \(b)" }
  for (index, pair) in zip(childrenA, childrenB).enumerated() {
    let step = "\(path).\(pair.0.label ?? "\(index)")"
    if let found = difference(pair.0.value, pair.1.value, at: step) { return found }
  }
  return nil
}

/// A model that uses most of the syntax.
let richText = #"""
  <
    ir_version: 10,
    opset_import: ["" : 21, "local" : 1],
    producer_name: "tests", producer_version: "1", domain: "a.b", model_version: 3,
    doc_string: "says \"hi\" \\", metadata_props: ["k": "v", "l": ""]
  >
  # The main graph.
  #@ documentation: "first line"
  #@ documentation: ""
  #@ documentation: "third line"
  #@ metadata: ["author": "nobody"]
  main (float[N,3,"2*N+1",max(A,B)//2,?] x, seq(map(int64, string)) "a b", optional(float[]) o, untyped)
    => (#@ denotation: "IMAGE"
        #@ dimension_denotations: ["BATCH", x"0a"]
        float[N] y, sparse_tensor(int8[4]) s, opaque(test.domain, thing) z)
  <
    float[2] w = {1, -2.5e-3},
    float[3] odd = {nan, -inf, 0x7fc00001},
    float16[3] half = {15360, 0.5, -inf},
    int4[3] nibbles = {-8, 7, 1}, uint2[5] pairs = {0, 1, 2, 3, 1},
    complex64 i = {0, 1}, string[2] words = {"a\"b", x"ff00"}, bool[2] flags = {1, 0},
    uint64 most = {18446744073709551615}, int64 least = {-9223372036854775808}, float8e4m3fn[0] none = {},
    sparse_tensor(float[2,4]) = {float[1] points {1}, int64[1] {5}},
    float[N] h
  >
  {
    #@ device_configurations: [x"0102"]
    [first] h = Conv <strides = [1, 1], auto_pad = "SAME_UPPER", alpha: float = 1, none: ints = []> (x, w, "")
    y, "" = local.Block:v2 (h) <f = [0.5, 1]>
    , t = If (y) <then_branch = body () => (float u) { u = "aten::relu" (x) }, else_branch = "" () => () {}>
     = Sink (, t)
    z = Types <t = float[2], ts: type_protos = [seq(float), int8], c = int64[2] named {1, 2}, v = float {3},
               sp = sparse_tensor(float[2]) = {float[1] {1}, int64[1] {0}}, gs: graphs = [g () => () {}]> ()
  }
  <domain: "local", overload: "v2", opset_import: ["" : 21], doc_string: "halves">
  Block <gamma, delta: float = 0.5, names: strings = []> (float[N] a, b) => (c) <float[N] d>
  {
    d = Op <alpha: float = @gamma, beta = @delta> (a)
    c = Op (d, b)
  }
  """#
