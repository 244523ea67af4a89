import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Keeps one of initializers that hold the same, bit by bit.
///
/// Those stay that callers can override, that a graph returns, and sparse ones. An initializer of a body gives
/// way to one of a graph around it, not to one of another body.
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
    // Groups come in any order.
    return Self.groups(of: candidates, in: model).flatMap { duplicates(among: $0, in: model) }
      .sorted { $0.duplicate < $1.duplicate }
  }

  /// Those that may be equal: same type and sizes, then a few bytes at the same places, so that weights that have
  /// no equal are hardly read. Where more than two are left, everything, so that time stays linear also when
  /// thousands agree in all that was sampled.
  private static func groups(of values: [ValueID], in model: Model) -> [[ValueID]] {
    func divide(_ groups: [[ValueID]], by key: (Tensor) -> some Hashable) -> [[ValueID]] {
      groups.flatMap { Dictionary(grouping: $0) { model.constant($0).map(key) }.values }
        .filter { $0.count > 1 }
    }
    let similar = divide(divide([values]) { Layout($0) }) { $0.sampledHash }
    return similar.filter { $0.count == 2 } + divide(similar.filter { $0.count > 2 }) { $0.contentHash }
  }

  private struct Layout: Hashable {
    let elementType: ElementType
    let dimensions: [Int]

    init(_ tensor: Tensor) {
      elementType = tensor.elementType
      dimensions = tensor.dimensions
    }
  }

  private static func duplicates(
    among values: [ValueID], in model: Model
  ) -> [(duplicate: ValueID, original: ValueID)] {
    var originals: [(value: ValueID, tensor: Tensor)] = []
    var found: [(duplicate: ValueID, original: ValueID)] = []
    for value in values {
      guard let tensor = model.constant(value) else { continue }
      let home = model.graph(of: value)
      let original = originals.first {
        model.isVisible($0.value, in: home) && $0.tensor.isIdentical(to: tensor)
      }
      if let original, !model.isGraphOutput(value) {
        found.append((duplicate: value, original: original.value))
      } else {
        originals.append((value: value, tensor: tensor))
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
