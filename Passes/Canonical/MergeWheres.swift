import PassPipeline
import Rewriting
import TensorCore

/// Simplifies choices:
///
/// 1. `Where(¬c, x, y)` is `Where(c, y, x)`;
/// 2. a choice by the same condition within another is made already;
/// 3. a choice between a value and itself is the value, where the condition does not make it larger.
///
/// Rounding: bit for bit the same by the standard, but ONNX Runtime adds what it takes of either input to zeros,
/// which turns −0 into 0; where fewer choices are made, −0 stays. NaN and infinities stay what they are.
struct MergeWheres: RewriteRule {
  static let summary = "Where(Not(c), x, y) → Where(c, y, x), Where(c, x, x) → x"
  static let exactness = Exactness.rounding

  var body: [Rewrite] {
    let c = Var("c"), x = Var("x"), y = Var("y"), z = Var("z")
    let inner = Capture("inner"), outer = Capture("outer")

    Op.Where(c, x, x, as: outer) => { m in
      try m.require(m.outputHasShape(of: x, outer), "the condition may make the result larger")
      return x
    }
    Op.Where(Op.Not(c), x, y) => Op.Where(c, y, x)
    Op.Where(c, Op.Where(c, x, y, as: inner), z, as: outer) => { m in
      try m.requireSameShape(x, inner)
      return Op.Where(c, x, z)
    }
    Op.Where(c, x, Op.Where(c, y, z, as: inner), as: outer) => { m in
      try m.requireSameShape(z, inner)
      return Op.Where(c, x, z)
    }
  }

  static let given = "bool[N, 4] c, d; float[N, 4] a, b, e; bool[4] row; float[4] v; bool[3, 1, 1] deep"

  static let examples: [Example] = [
    .rewrites("h = Where(c, a, a); y = Relu(h)", to: "y = Relu(a)"),
    .rewrites("h = Not(row); y = Where(h, a, v)", to: "y = Where(row, v, a)"),
    .rewrites("h = Where(c, a, v); y = Where(c, h, e)", to: "y = Where(c, a, e)"),
    .rewrites("h = Where(c, v, a); y = Where(c, b, h)", to: "y = Where(c, b, a)"),
    .keeps("h = Where(deep, a, a); y = Relu(h)", because: "the condition makes the result larger"),
    .keeps("h = Where(c, a, b); y = Where(d, h, e)", because: "the conditions differ"),
    .keeps("h = Not(c); y = Where(c, a, b); z = Not(h)", because: "the condition is not negated"),
    .keeps("h = Where(c, v, a); y = Where(c, h, v)", because: "what is left out gives the shape"),
  ]
}

extension Match {
  fileprivate func requireSameShape(_ x: Var, _ inner: Capture) throws {
    try require(outputHasShape(of: x, inner), "what is left out gives the shape")
  }
}
