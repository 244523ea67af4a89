import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Concatenates at once what two `Concat` along the same axis concatenate one after the other.
///
/// Legal where nothing else reads the inner one.
struct MergeConcats: RewriteRule {
  static let summary = "Concat(a, Concat(b, c), d) → Concat(a, b, c, d)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let inputs = Variadic("inputs"), concat = Capture("concat")

    Op.Concat(inputs, as: concat) => { m in
      let axis = try m[concat].int("axis")
      let parts = try m[inputs].map { input in
        try input.flatMap { try m.parts(of: $0, axis: axis) } ?? [input]
      }
      try m.require(parts.count < parts.joined().count, "no input is another Concat along the axis")
      return Op.Concat.applied(
        to: parts.joined().map { $0?.term ?? .absent }, attributes: ["axis": AttributeLiteral(axis)])
    }
  }

  static let given = "float[N, 2, 3] a, b, c, d; float[] u, v, w"

  static let examples: [Example] = [
    .rewrites(
      "h = Concat<axis = 1>(b, c); y = Concat<axis = 1>(a, h, d)", to: "y = Concat<axis = 1>(a, b, c, d)"),
    .rewrites("h = Concat<axis = -1>(a, b); y = Concat<axis = 2>(h, c)", to: "y = Concat<axis = 2>(a, b, c)"),
    .rewrites(
      "g = Concat<axis = 1>(a, b); h = Concat<axis = 1>(g, c); y = Concat<axis = 1>(h, d)",
      to: "y = Concat<axis = 1>(a, b, c, d)"),
    .keeps("h = Concat<axis = 2>(a, b); y = Concat<axis = 1>(h, h)", because: "the axes differ"),
    .keeps(
      "h = Concat<axis = 1>(a, b); y = Concat<axis = 1>(h, c); z = Relu(h)", because: "another node reads it"),
    .keeps("h = Concat<axis = 1>(a, b); y = Concat<axis = 1>(h, h)", because: "it is read twice"),
    .keeps(
      "h = Concat<axis = -1>(u, v); y = Concat<axis = 1>(h, w)", because: "the rank is unknown",
      execution: .skipped),
    .keeps("h = Relu(a); y = Concat<axis = 1>(h, b)", because: "there is one"),
  ]
}

extension Match {
  /// What `value` is concatenated of along `axis`, where nothing else reads it; else nil.
  fileprivate func parts(of value: ValueID, axis: Int) throws -> [ValueID?]? {
    guard model.hasOneUse(value), let inner = producer(of: value), inner.op == OperatorName("Concat") else {
      return nil
    }
    let innerAxis = try inner.int("axis")
    guard axis != innerAxis else { return inner.inputs }
    guard let shape = model.shape(of: value), let own = shape.normalizedAxis(axis),
      own == shape.normalizedAxis(innerAxis)
    else { return nil }
    return inner.inputs
  }
}
