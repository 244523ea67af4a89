import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Takes tensors past sequences and optionals that are made and taken apart again.
///
/// Positions have to be constant and within the sequence.
struct SimplifySequences: RewriteRule {
  static let summary = "SequenceAt(SequenceConstruct(a, b), 1) → b, and the like"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), parts = Variadic("parts"), position = Constant("position")
    let node = Capture("node"), split = Capture("split"), sequence = Capture("sequence")

    Op.SequenceAt(Op.SequenceConstruct(parts), position) => { m in
      let values = m[parts]
      let index = try m.index(position, count: values.count)
      return try m.unwrap(values[index], "an element is left out")
    }
    Op.SequenceLength(Op.SequenceConstruct(parts)) => { m in try Tensor(int64: [m[parts].count], []) }
    Op.SequenceInsert(Op.SequenceConstruct(parts, as: sequence.exclusive), x) => { m in
      Op.SequenceConstruct.applied(to: m[parts].map(\.term) + [x.term])
    }
    Op.SequenceInsert(Op.SequenceEmpty(), x) => Op.SequenceConstruct(x)
    Op.ConcatFromSequence(Op.SequenceConstruct(parts), as: node) => { m in
      try m.require(m[node].int("new_axis") == 0, "elements get an axis")
      return Op.Concat.applied(to: m[parts].map(\.term), attributes: ["axis": .init(try m[node].int("axis"))])
    }
    Op.ConcatFromSequence(Op.SplitToSequence(x, parts, as: split), as: node) => { m in
      let hasSizes = m[parts].contains { $0 != nil }
      let keepsAxis = try hasSizes || m[split].int("keepdims") != 0
      try m.require(m[node].int("new_axis") == (keepsAxis ? 0 : 1), "elements come back in another form")
      try m.require(m[node].int("axis") == m[split].int("axis"), "the axes differ")
      return x
    }
    Op.OptionalGetElement(Op.Optional(x)) => x
    Op.OptionalHasElement(Op.Optional(x)) => { _ in try Tensor(bool: [true], []) }
    Op.OptionalGetElement(x) => { m in
      try m.require(m.type(of: x)?.tensorType != nil, "it may be an optional")
      return x
    }
  }

  static let given =
    "float[2, 3] a, b, c; const int64 one = {1}; const int64 last = {-1}; const int64 five = {5}; const int64 n = {2}"

  static let examples: [Example] = [
    .rewrites(
      "s = SequenceConstruct(a, b, c); t = SequenceAt(s, one); y = Relu(t); return y", to: "y = Relu(b)"),
    .rewrites(
      "s = SequenceConstruct(a, b, c); t = SequenceAt(s, last); y = Relu(t); return y", to: "y = Relu(c)"),
    .rewrites(
      "e = SequenceEmpty(); s = SequenceInsert(e, a); t = SequenceInsert(s, b); y = ConcatFromSequence<axis = 1>(t)",
      to: "y = Concat<axis = 1>(a, b)"),
    .rewrites(
      "s = SplitToSequence<axis = 1>(a); t = ConcatFromSequence<axis = 1>(s); y = Relu(t)", to: "y = Relu(a)"),
    .rewrites(
      "s = SplitToSequence<axis = 1, keepdims = 0>(a); t = ConcatFromSequence<axis = 1, new_axis = 1>(s); y = Relu(t)",
      to: "y = Relu(a)"),
    .rewrites(
      "s = SequenceConstruct(a, b, c); k = SequenceLength(s); y = Add(k, n); return y",
      to: "y = Add(three, n)",
      given: "float[2, 3] a, b, c; int64 n in 0...9; const int64 three = {3}"),
    .rewrites("o = Optional(a); h = OptionalGetElement(o); y = Relu(h)", to: "y = Relu(a)"),
    .rewrites("h = OptionalGetElement(a); y = Relu(h)", to: "y = Relu(a)"),
    .keeps(
      "s = SequenceConstruct(a, b); t = SequenceInsert(s, b); u = SequenceAt(s, i); y = ConcatFromSequence<axis = 0>(t)",
      because: "another node reads the shorter sequence", given: "float[2, 3] a, b; int64 i in 0...1",
      outputs: ["u", "y"]),
    .keeps(
      "s = SequenceConstruct(a, b); y = SequenceAt(s, i)", because: "the position is computed",
      given: "float[2, 3] a, b; int64 i in 0...1"),
    .keeps(
      "s = SequenceConstruct(a, b); y = SequenceAt(s, five)", because: "the position is beyond the end",
      execution: .skipped),
    .keeps(
      "s = SequenceConstruct(a, b); y = ConcatFromSequence<axis = 0, new_axis = 1>(s)",
      because: "elements get an axis"),
    .keeps(
      "s = SplitToSequence<axis = 1>(a); y = ConcatFromSequence<axis = 0>(s)", because: "the axes differ"),
    .keeps(
      "s = SplitToSequence<axis = 1>(a, one); y = SequenceAt(s, one)", because: "it is taken from a split"),
  ]
}

extension Match {
  fileprivate func index(_ position: Constant, count: Int) throws -> Int {
    let number = try unwrap(self[position].integers().first, "the position is empty")
    let index = number < 0 ? number + count : number
    try require((0..<count).contains(index), "the position is beyond the end")
    return index
  }
}
