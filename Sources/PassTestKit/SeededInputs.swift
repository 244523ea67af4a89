import GraphIR
import TensorCore

/// What the inputs of an example are fed with: values in the declared ranges, for several sizes of each symbol.
struct SeededInputs {
  let tensors: [String: Tensor]

  /// One set of inputs for a graph without symbols, else three, in one of which every symbol is 1, where
  /// mistakes about broadcasting show.
  static func sets(for graph: NamedGraph, includingNonFinite: Bool) throws -> [SeededInputs] {
    let symbols = Set(graph.inputs.flatMap(symbols)).sorted()
    let sizes: [(Int) -> Int] = [{ $0 + 2 }, { _ in 1 }, { 2 * $0 + 5 }]
    return try (symbols.isEmpty ? Array(sizes.prefix(1)) : sizes).enumerated().map { seed, size in
      let bindings = Dictionary(
        uniqueKeysWithValues: symbols.enumerated().map { (key: $0.element, value: size($0.offset)) })
      var tensors: [String: Tensor] = [:]
      for input in graph.inputs {
        tensors[input.name] = try tensor(for: input, bindings, seed, includingNonFinite)
      }
      return SeededInputs(tensors: tensors)
    }
  }

  private static func symbols(of input: NamedValue) -> [String] {
    let dimensions = input.type?.type.shape?.dimensions ?? []
    return dimensions.enumerated().flatMap { axis, dimension in
      dimension.isUnknown ? [placeholder(input, axis)] : dimension.expression?.symbols ?? []
    }
  }

  /// Stands for a size that nothing is known of.
  private static func placeholder(_ input: NamedValue, _ axis: Int) -> String { "\(input.name)?\(axis)" }

  private static func tensor(
    for input: NamedValue, _ bindings: [String: Int], _ seed: Int, _ includingNonFinite: Bool
  ) throws -> Tensor {
    guard let type = input.type?.type.tensorType, let shape = type.shape else {
      throw ModelError("declare the input \(input.name) as a tensor of known rank")
    }
    let sizes = try shape.dimensions.enumerated().map { axis, dimension in
      let size =
        dimension.isUnknown
        ? bindings[placeholder(input, axis)] : dimension.expression?.evaluated(with: bindings)
      guard let size, size >= 0 else { throw ModelError("\(input.name) has no size along axis \(axis)") }
      return size
    }
    let count = try Tensor.elementCount(of: sizes)
    var random = RandomSource.derived(from: UInt64(seed), for: input.name)
    var values = (0..<count).map { _ in value(of: type.elementType, in: input.range, &random) }
    if type.elementType.isFloatingPoint, input.range == nil {
      let special = [-0.0] + (includingNonFinite ? [.infinity, -.infinity, .nan] : [])
      for (index, value) in special.enumerated() where index < count { values[index] = value }
    }
    return try Tensor(type.elementType, rounding: values, sizes)
  }

  private static func value(
    of type: ElementType, in range: ClosedRange<Double>?, _ random: inout RandomSource
  ) -> Double {
    if type == .bool { return random.uniform() < 0.5 ? 0 : 1 }
    guard type.isFloatingPoint else {
      let low = (range?.lowerBound ?? (type.isSignedInteger ? -4 : 0)).rounded(.up)
      let high = (range?.upperBound ?? (type.isSignedInteger ? 4 : 8)).rounded(.down)
      return low + (random.uniform() * (high - low + 1)).rounded(.down)
    }
    if let range { return range.lowerBound + random.uniform() * (range.upperBound - range.lowerBound) }
    return random.normals(1)[0]
  }
}
