import TensorCore

/// Inputs drawn by declared type and shape, from a seed: what serves where no data is given. Real numbers are
/// standard normal, or uniform in a known range; integers are small and not negative, since they are used as
/// indices most of the time; booleans are mixed.
public struct SyntheticInputs: Hashable, Sendable {
  public var seed: UInt64
  public var samples: Int
  /// Sizes of symbolic dimensions by name; others get `defaultSize`.
  public var sizes: [String: Int] = [:]
  public var defaultSize = 8
  /// Known ranges of inputs, by name.
  public var ranges: [String: ClosedRange<Double>] = [:]
  /// Integers of other inputs lie below this.
  public var integerBound = 10

  public init(seed: UInt64, samples: Int) {
    self.seed = seed
    self.samples = samples
  }

  /// The first axis of each input counts the samples, where it is not fixed; an input whose sizes are all
  /// fixed is taken to have its samples there too.
  public func dataset(for inputs: [ValueSignature]) throws -> Dataset {
    let columns = try inputs.map { Dataset.Column($0.name, try values(for: $0)) }
    return try Dataset(source: "synthetic inputs (seed \(seed))", columns: columns)
  }

  private func values(for input: ValueSignature) throws -> Tensor {
    guard let type = input.tensorType, let shape = type.shape else {
      throw DatasetError("has the type \(input): give data for it", array: input.name)
    }
    let count = [samples] + shape.dimensions.dropFirst().map(size)
    var random = RandomSource.derived(from: seed, for: input.name)
    return try draw(type.elementType, count, input.name, &random)
  }

  private func size(_ dimension: Dimension) -> Int {
    dimension.fixedSize ?? sizes["\(dimension)"] ?? defaultSize
  }

  func draw(
    _ type: ElementType, _ sizes: [Int], _ name: String, _ random: inout RandomSource
  ) throws -> Tensor {
    let count = try Tensor.elementCount(of: sizes)
    guard count <= 1 << 31 else {
      throw DatasetError("would take \(count) values: give data for it", array: name)
    }
    if type == .string {
      return try Tensor(strings: [ByteString](repeating: "a", count: count), sizes)
    }
    if let range = ranges[name] {
      let width = range.upperBound - range.lowerBound
      let values = random.uniforms(count).map { range.lowerBound + $0 * width }
      return try Tensor(type, rounding: type.isInteger ? values.map { $0.rounded() } : values, sizes)
    }
    switch type {
    case .bool: return try Tensor(type, rounding: random.uniforms(count).map { $0 < 0.5 ? 0 : 1 }, sizes)
    case _ where type.isInteger:
      let bound = Double(Self.isFlag(name) ? 2 : integerBound)
      return try Tensor(type, rounding: random.uniforms(count).map { ($0 * bound).rounded(.down) }, sizes)
    default: return try Tensor(type, rounding: random.normals(count), sizes)
    }
  }

  /// Masks and token types are 0 or 1 by convention, and index tables of two rows.
  private static func isFlag(_ name: String) -> Bool {
    ["mask", "type", "segment"].contains { name.lowercased().contains($0) }
  }
}
