import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Computes what is the same in every run once: what depends on constants only, and sizes of shapes that are
/// known.
///
/// What only moves the elements of a constant (`Transpose`, `Reshape`, …) is done here, without the copies that a
/// runtime makes of large weights. All other nodes that can be folded are computed by one run of the context's
/// evaluator; if that fails, each by itself, so that one that cannot be computed does not keep the others. Without
/// an evaluator, sizes and moved constants are folded alone. These stay:
/// - random operators, nodes with bodies, calls of functions, operators without a schema;
/// - `QuantizeLinear` and `DequantizeLinear`, and a `Cast` that widens many numbers of less than 8 bits or in half
///   precision, since the model would grow to the size that it had before;
/// - what makes the model grow by more than `limit` bytes in all, and operators that make much of little
///   (`Expand`, `ConstantOfShape`, `Tile`, …) unless their result is small, no larger than their inputs, or only
///   between others that are folded.
struct FoldConstants: Pass {
  static let summary = "f(constants) → constant"
  static let exactness = Exactness.bitwise

  struct Options: PassOptions {
    /// Bytes by which the model may grow.
    var limit = 1 << 20
    /// Bytes of a stored result that an expanding operator may have, if its inputs have fewer.
    var expansionLimit = 1 << 16
    /// Bytes of a result that only other folded nodes read, if its inputs have fewer.
    var intermediateLimit = 1 << 26
  }

  var options = Options()

  func validate() throws {
    guard options.limit >= 0, options.expansionLimit >= 0, options.intermediateLimit >= 0 else {
      throw ModelError("the limits of \(Self.name) cannot be negative")
    }
  }

  func run(on model: inout Model, in context: inout PassContext) throws {
    Self.replace(Self.knownSizes(in: model), in: &model)
    Self.replace(Self.movedConstants(in: model, limit: options.limit), in: &model)
    guard let evaluator = context.evaluator else { return }
    for root in model.allGraphs where model.parent(of: root) == nil {
      let results = try Self.results(under: root, of: model, options, evaluator, &context)
      Self.replace(results, in: &model)
    }
  }

  struct Result {
    var value: ValueID
    var tensor: Tensor
  }

  // MARK: Computing

  /// Not inlined, so that nothing holds the model when it is edited.
  @inline(never)
  private static func results(
    under root: GraphID, of model: Model, _ options: Options, _ evaluator: any ConstantEvaluator,
    _ context: inout PassContext
  ) throws -> [Result] {
    var subgraph = ConstantSubgraph(of: root, in: model, limits: options)
    guard !subgraph.nodes.isEmpty else { return [] }
    let frontier = subgraph.frontier(in: model)
    do {
      let extracted = try ConstantSubgraph.extract(
        subgraph.nodes, computing: frontier, from: model, root: root)
      let tensors = try evaluator.evaluate(extracted)
      return zip(frontier, tensors).map { Result(value: $0, tensor: $1) }
    } catch let error as EvaluatorUnavailable {
      context.note("constants are not folded: \(error)")
      return []
    } catch {
      let known = computeEach(of: &subgraph, root: root, model, evaluator, &context)
      return subgraph.frontier(in: model).compactMap { value in
        known[value].map { Result(value: value, tensor: $0) }
      }
    }
  }

  /// One node after the other; those that fail leave the subgraph, with all that depend on them.
  private static func computeEach(
    of subgraph: inout ConstantSubgraph, root: GraphID, _ model: Model, _ evaluator: any ConstantEvaluator,
    _ context: inout PassContext
  ) -> [ValueID: Tensor] {
    var known: [ValueID: Tensor] = [:]
    var failed: Set<NodeID> = []
    for node in subgraph.nodes {
      let inputs = model.inputs(of: node).compactMap { $0 }
      guard inputs.allSatisfy({ known[$0] != nil || model.constant($0) != nil }) else {
        failed.insert(node)
        continue
      }
      let outputs = model.outputs(of: node).filter { !model.isOmitted($0) }
      do {
        let single = try ConstantSubgraph.extract(
          [node], computing: outputs, known: known, from: model, root: root)
        for (value, tensor) in zip(outputs, try evaluator.evaluate(single)) { known[value] = tensor }
      } catch {
        failed.insert(node)
        context.note("\(model.label(of: node)) has constant inputs, but could not be computed: \(error)")
      }
    }
    subgraph.remove(failed)
    return known
  }

  // MARK: Replacing

  private static func replace(_ results: [Result], in model: inout Model) {
    for result in results where fits(result, in: model) {
      model.edit(as: name) { rewriter in
        guard let node = rewriter.model.producer(of: result.value) else { return }
        let constant = rewriter.addConstant(
          result.tensor, name: rewriter.model.name(of: result.value), in: rewriter.model.graph(of: node))
        // `fits` compared the types.
        try? rewriter.replaceAllUses(of: result.value, with: constant)
        rewriter.eraseIfDead(node)
      }
    }
  }

  private static func fits(_ result: Result, in model: Model) -> Bool {
    !model.isErased(result.value) && model.hasUses(result.value)
      && model.type(of: result.value)?.contradicts(.tensor(result.tensor.type)) != true
  }

  static let given = """
    float[N, 4] x; float[2, 4] fixed; const float[4] a = {1, 2, 3, 4}; const float[4] b = {10, 20, 30, 40}; \
    const int64[1] many = {100000}; const int64[1] few = {4}; const int64 axis = {1}; \
    const uint8[4] q = {1, 2, 3, 4}; const float scale = {0.5}; const uint8 zero = {0}
    """

  static let examples: [Example] = [
    .rewrites("h = Mul(a, b); y = Add(x, h)", to: "y = Add(x, h_1)"),
    .rewrites(
      "h = Mul(a, b); g = Neg(h); y = Add(x, g); z = Sub(x, h)", to: "y = Add(x, g_1); z = Sub(x, h_1)"),
    .rewrites("h = Expand(scale, few); y = Add(x, h)", to: "y = Add(x, h_1)"),
    .rewrites(
      "h = Expand(scale, many); s = ReduceSum<keepdims = 0>(h); y = Add(x, s)", to: "y = Add(x, s_1)"),
    .rewrites("s = Shape(fixed); y = Reshape(fixed, s)", to: "y = Reshape(fixed, s_1)"),
    .rewrites("s = Shape(x); d = Gather(s, axis); f = Cast<to = 1>(d); y = Mul(x, f)", to: "y = Mul(x, f_1)"),
    .keeps("s = Shape(x); f = Cast<to = 1>(s); y = ReduceSum(f)", because: "a size is a symbol"),
    .keeps(
      "h = Expand(scale, many); y = Add(h, tall)", because: "the result is large",
      given: "float[1, 100000] tall; const float scale = {0.5}; const int64[1] many = {100000}"),
    .keeps("h = DequantizeLinear(q, scale, zero); y = Add(x, h)", because: "weights stay quantized"),
    .keeps(
      "h = Cast<to = 1>(half); y = Add(z, h)", because: "weights stay packed",
      given: "float[N, 64] z; const float16[64] half"),
    .rewrites(
      "h = Cast<to = 1>(half); y = Add(z, h)", to: "y = Add(z, h_1)",
      given: "float[N, 4] z; const float16[4] half"),
    .keeps(
      "h = RandomNormalLike(a); y = Add(x, h)", because: "every run draws others", execution: .skipped),
    .keeps("h = Relu(x); y = Mul(h, a)", because: "the input is not constant"),
  ]
}
