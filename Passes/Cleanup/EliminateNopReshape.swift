import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Removes `Reshape` and `Flatten` to the shape that the input has already.
///
/// Legal where
/// 1. inference knows both shapes to be equal, symbols included;
/// 2. the constant target repeats the input's sizes: `0` copies one (unless `allowzero` is set), and a single
///    `-1` then stands for the one that is left, known or not;
/// 3. `Flatten` parts two axes after the first.
struct EliminateNopReshape: RewriteRule {
  static let summary = "Reshape(x, shape) → x, where x has the shape already"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), target = Var("target"), reshape = Capture("reshape")
    Op.Reshape(x, target, as: reshape) => { m in
      try m.require(
        m.outputHasShape(of: x, reshape) || m.repeatsSizes(of: x, m[reshape]), "the shape may change")
      return x
    }
    Op.Flatten(x, as: reshape) => { m in
      let shape = try m.shape(of: x)
      try m.require(
        shape.rank == 2 && shape.normalizedAxis(m[reshape].int("axis")) == 1, "the shape may change")
      return x
    }
  }

  static let given = """
    float[N, 4, 3] x; float[A, B] m; const int64[3] same = {0, 0, -1}; const int64[3] sizes = {-1, 4, 3}; \
    const int64[2] flat = {0, 12}; const int64[3] zeros = {0, 4, 3}; const int64[3] swapped = {0, 3, 4}; int64[3] s
    """

  static let examples: [Example] = [
    .rewrites("h = Reshape(x, same); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites("h = Reshape(x, sizes); y = Relu(h)", to: "y = Relu(x)"),
    .rewrites(
      "s = Shape(x); r = Relu(x); h = Reshape(r, s); y = Sigmoid(h)", to: "r = Relu(x); y = Sigmoid(r)",
      given: "float[N, 4, 3] x"),
    .rewrites("h = Flatten(m); y = Relu(h)", to: "y = Relu(m)"),
    .keeps("h = Reshape(x, flat); y = Relu(h)", because: "the shape changes"),
    .keeps("h = Reshape(x, swapped); y = Relu(h)", because: "the shape changes"),
    .keeps(
      "h = Reshape<allowzero = 1>(x, zeros); y = Relu(h)", because: "a zero is a size of its own",
      execution: .skipped),
    .keeps("h = Flatten<axis = 0>(m); y = Relu(h)", because: "the shape changes"),
    .keeps("h = Flatten(x); y = Relu(h)", because: "the shape changes"),
  ]
}

extension Match {
  fileprivate func repeatsSizes(of variable: Var, _ reshape: NodeView) throws -> Bool {
    guard let shape = model.shape(of: try self[variable]), let target = try reshape.optionalInts("shape"),
      target.count == shape.rank, target.count(where: { $0 == -1 }) <= 1
    else { return false }
    let zeroCopies = try !reshape.has("allowzero") || reshape.int("allowzero") == 0
    return zip(target, shape.dimensions).allSatisfy { entry, size in
      entry == -1 || (entry == 0 && zeroCopies) || size == .fixed(entry)
    }
  }
}
