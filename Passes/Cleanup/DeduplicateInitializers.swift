import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Keeps one of initializers that hold the same, bit by bit.
///
/// Those stay that callers can override, that a graph returns, and sparse ones. An initializer of a body gives
/// way to one of a graph around it, not to one of another body. Contents are read only where type and shape
/// are the same.
struct DeduplicateInitializers: Pass {
  static let summary = "equal initializers → one"
  static let exactness = Exactness.bitwise

  func run(on model: inout Model, in context: inout PassContext) throws {
    let replacements = Self.duplicates(in: model)
    guard !replacements.isEmpty else { return }
    try model.edit(as: Self.name) { rewriter in
      for (duplicate, original) in replacements {
        try rewriter.replaceAllUses(of: duplicate, with: original)
        rewriter.eraseUnused(duplicate)
      }
    }
  }

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func duplicates(in model: Model) -> [(duplicate: ValueID, original: ValueID)] {
    let candidates = model.allGraphs.flatMap { model.initializers(of: $0) }.filter {
      model.constant($0) != nil && model.hasUses($0)
    }
    let groups = Dictionary(grouping: candidates) { model.constant($0)?.type }
      .values.filter { $0.count > 1 }
    let found = groups.flatMap { duplicates(among: $0, in: model) }
    // Groups come in any order.
    return found.sorted { $0.duplicate < $1.duplicate }
  }

  private static func duplicates(
    among values: [ValueID], in model: Model
  ) -> [(duplicate: ValueID, original: ValueID)] {
    var originals: [UInt64: [(value: ValueID, tensor: Tensor)]] = [:]
    var found: [(duplicate: ValueID, original: ValueID)] = []
    for value in values {
      guard let tensor = model.constant(value) else { continue }
      let hash = tensor.contentHash
      tensor.storage.releasePages()
      let home = model.graph(of: value)
      let original = originals[hash]?.first { entry in
        model.isVisible(entry.value, in: home) && entry.tensor.isIdentical(to: tensor)
      }
      if let original, !model.isGraphOutput(value) {
        found.append((duplicate: value, original: original.value))
      } else {
        originals[hash, default: []].append((value: value, tensor: tensor))
      }
    }
    return found
  }

  static let given = """
    float[N, 2] x; const float[2] a = {1, 2}; const float[2] b = {1, 2}; const float[1, 2] c = {1, 2}; \
    const float s = {0}; const float z = {0}; const float m = {-0.0}; const float[2] d = {1, 3}
    """

  static let examples: [Example] = [
    .rewrites("h = Add(x, a); y = Mul(h, b)", to: "h = Add(x, a); y = Mul(h, a)"),
    .rewrites("h = Max(x, s); y = Min(h, z)", to: "h = Max(x, s); y = Min(h, s)"),
    .keeps("h = Add(x, a); y = Mul(h, d)", because: "contents differ"),
    .keeps("h = Add(x, a); y = Mul(h, c)", because: "shapes differ"),
    .keeps("h = Add(x, s); y = Mul(h, m)", because: "−0 is not 0"),
  ]
}
