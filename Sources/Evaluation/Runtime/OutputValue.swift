import TensorCore

/// What a model gives out.
public indirect enum OutputValue: Sendable {
  case tensor(Tensor)
  case sequence([OutputValue])
  /// Keys and values are parallel.
  case map(keys: Tensor, values: Tensor)
  /// An optional value that is not there.
  case absent

  public var tensor: Tensor? {
    if case .tensor(let tensor) = self { tensor } else { nil }
  }

  /// One tensor with a row per sample, where the value has that form: a tensor, or the sequence of maps
  /// from class to score that classifiers exported from scikit-learn give (`ZipMap`), as [samples, classes].
  public func rows() throws -> Tensor {
    switch self {
    case .tensor(let tensor): return tensor
    case .sequence(let elements) where !elements.isEmpty: return try Self.rows(ofMaps: elements)
    default: throw RuntimeError("the output is neither a tensor nor a sequence of maps")
    }
  }

  private static func rows(ofMaps elements: [OutputValue]) throws -> Tensor {
    var scores: [Double] = []
    var elementType = ElementType.float32
    var columns = 0
    for element in elements {
      guard case .map(_, let values) = element else {
        throw RuntimeError("the output is a sequence of something else than maps")
      }
      elementType = values.elementType
      columns = values.elementCount
      scores += try values.doubles()
    }
    return try Tensor(elementType, rounding: scores, [elements.count, columns])
  }
}
