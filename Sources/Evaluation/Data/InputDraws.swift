import GraphIR
import TensorCore

/// Inputs for a model, drawn by declared types, with other sizes of its symbolic dimensions in every draw.
///
/// A symbol has one size in all inputs of a draw, and an unnamed dimension one of its own. A model may refuse
/// some sizes (an image must not be smaller than what its convolutions take from it), so the draws go from small
/// to large, and who runs them takes as many as it needs.
public struct InputDraws: Sequence, Sendable {
  /// What the size of the symbol at an index is in one draw.
  enum Sizing: Hashable, Sendable {
    /// Another size for each symbol, where a mistaken symbol shows.
    case distinct(from: Int, step: Int)
    /// The same for all, for models that want sizes to agree; 1 is where mistakes about broadcasting show.
    case same(Int)

    func size(at index: Int) -> Int {
      switch self {
      case .distinct(let first, let step): first + step * (index % 8)
      case .same(let size): size
      }
    }
  }

  private static let sizings: [Sizing] = [
    .distinct(from: 2, step: 1), .same(1), .distinct(from: 5, step: 2), .same(2), .same(7), .same(16),
    .same(32),
    .distinct(from: 32, step: 32), .same(64), .same(224),
  ]

  private let inputs: [ValueSignature]
  private let source: SyntheticInputs
  private let symbols: [String: Int]

  /// - Throws: `DatasetError` where an input is no tensor of known rank.
  public init(for model: Model, seed: UInt64) throws {
    inputs = model.inputSignatures
    source = SyntheticInputs(seed: seed, samples: 1, model: model)
    var names: Set<String> = []
    for input in inputs {
      guard let shape = input.shape else {
        throw DatasetError("has the type \(input): give data for it", array: input.name)
      }
      for axis in 0..<shape.rank { names.formUnion(Self.symbols(of: input, axis, shape[axis])) }
    }
    symbols = Dictionary(uniqueKeysWithValues: names.sorted().enumerated().map { ($0.element, $0.offset) })
  }

  private static func symbols(of input: ValueSignature, _ axis: Int, _ dimension: Dimension) -> [String] {
    dimension.isUnknown ? [placeholder(input, axis)] : dimension.expression?.symbols ?? []
  }

  /// Stands for a size that nothing is known of; no file can give a symbol this name.
  private static func placeholder(_ input: ValueSignature, _ axis: Int) -> String { "\(input.name)?\(axis)" }

  public func makeIterator() -> some IteratorProtocol<[String: Tensor]> {
    // Without symbols, draws differ in their values.
    let sizings = symbols.isEmpty ? [Sizing](repeating: .same(1), count: 3) : Self.sizings
    return sizings.enumerated().lazy.compactMap { try? draw($0.offset, $0.element) }.makeIterator()
  }

  private func draw(_ index: Int, _ sizing: Sizing) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for input in inputs {
      guard let type = input.tensorType, let shape = type.shape else { continue }
      let sizes = try shape.dimensions.enumerated().map { try size(of: input, $0.offset, $0.element, sizing) }
      var random = RandomSource.derived(from: source.seed &+ UInt64(index), for: input.name)
      tensors[input.name] = try source.draw(type.elementType, sizes, input.name, &random)
    }
    return tensors
  }

  private func size(
    of input: ValueSignature, _ axis: Int, _ dimension: Dimension, _ sizing: Sizing
  ) throws -> Int {
    let size =
      dimension.isUnknown
      ? symbols[Self.placeholder(input, axis)].map(sizing.size(at:))
      : dimension.expression?.evaluated { symbols[$0].map(sizing.size(at:)) }
    guard let size, size >= 0 else {
      throw DatasetError("has no size along axis \(axis)", array: input.name)
    }
    return size
  }
}
