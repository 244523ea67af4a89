import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Takes parts of one value that are put together again along the axis along which they were cut:
///
/// 1. all of it in order is the value itself (`Split`, then `Concat`);
/// 2. a range is one `Slice`;
/// 3. any other order, such as that of a roll, is one `Gather` along an axis with others after it, where blocks
///    are moved and not single elements.
///
/// Legal where bounds and the axis's size are known. 2 and 3 are done where the `Concat` is the only reader of a
/// part, so that fewer nodes remain.
struct MergeConcatOfParts: RewriteRule {
  static let summary = "Concat(x[a:], x[:a]) → Gather(x, {a, …, a − 1}), Concat(Split(x)) → x"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let inputs = Variadic("inputs"), concat = Capture("concat")
    Op.Concat(inputs, as: concat) => { m -> Term in
      let parts = try m[inputs].compactMap { try $0.flatMap { try m.axisPart(of: $0) } }
      try m.require(parts.count == m[inputs].count && !parts.isEmpty, "an input is no part of a value")
      let (source, axis) = (parts[0].source, parts[0].axis)
      try m.require(
        parts.allSatisfy { $0.source == source && $0.axis == axis }, "the parts are of several values or axes"
      )
      let shape = try m.unwrap(m.model.shape(of: source), "the shape is unknown")
      try m.require(
        shape.normalizedAxis(m[concat].int("axis")) == axis, "they are put together along another axis")
      let indices = parts.flatMap(\.indices)
      if indices.count == shape[axis].fixedSize, indices == Array(indices.indices) { return source.term }
      try m.require(
        m[inputs].contains { $0.map { m.model.hasOneUse($0) } ?? false }, "others read all parts")
      try m.require(!indices.isEmpty, "nothing is taken")
      try m.require(indices.commonStep != nil || axis < shape.rank - 1, "single elements would be gathered")
      return try m.selection(indices, of: source, along: axis)
    }
  }

  static let given = """
    float[N, 4, 3] x; float[N, 4, 3] z; const int64[1] zero = {0}; const int64[1] one = {1}; const int64[1] two = {2}; \
    const int64[1] end = {9223372036854775807}; float[N, M, 3] u
    """

  static let examples: [Example] = [
    .rewrites(
      "a = Slice(x, one, end, one); b = Slice(x, zero, one, one); y = Concat<axis = 1>(a, b)",
      to: "y = Gather<axis = 1>(x, {1, 2, 3, 0})"),
    .rewrites(
      "a, b = Split<axis = 1, num_outputs = 2>(x); h = Concat<axis = -2>(a, b); y = Relu(h)",
      to: "y = Relu(x)"),
    .rewrites(
      "a = Slice(x, zero, one, two); b = Slice(x, one, two, two); y = Concat<axis = 2>(a, b)",
      to: "y = Slice(x, {0}, {2}, {2})"),
    .keeps(
      "a = Slice(x, one, end, two); b = Slice(x, zero, one, two); y = Concat<axis = 2>(a, b)",
      because: "single elements would be gathered"),
    .keeps(
      "a = Slice(x, one, end, one); b = Slice(z, zero, one, one); y = Concat<axis = 1>(a, b)",
      because: "the values differ"),
    .keeps(
      "a = Slice(x, one, two, one); b = Slice(x, zero, one, one); y = Concat<axis = 2>(a, b)",
      because: "the axes differ"),
    .keeps(
      "a = Slice(x, one, end, one); b = Slice(x, zero, one, one); y = Concat<axis = 1>(a, b); f = Relu(a); g = Relu(b)",
      because: "others read both parts"),
    .keeps(
      "a = Slice(u, one, end, one); b = Slice(u, zero, one, one); y = Concat<axis = 1>(a, b)",
      because: "the size is unknown"),
  ]
}
