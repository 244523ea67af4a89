import GraphIR
import TensorCore

/// ONNX Runtime's operators that move elements, reduce, or generate.
enum ContribTensorInference {
  static let operators: [String: InferenceFunction] = {
    var table: [String: InferenceFunction] = [
      "ExpandDims": expandDimensions, "Unique": unique, "CropAndResize": cropAndResize,
      "TorchEmbedding": embedding, "GatherBlockQuantized": gatherBlocks, "QLinearConcat": concat,
      "QLinearReduceMean": { reduce($0, $0.elementType(0)) },
      "Rfft": realToComplex, "Irfft": complexToReal, "DynamicQuantizeLSTM": recurrent,
    ]
    // As the standard's, in the versions that these are older names of.
    for (name, family) in [
      ("Pad", AxisInference.operators), ("GatherND", IndexingInference.operators),
      ("Range", GeneratorInference.operators), ("GridSample", VisionInference.operators),
    ] { table[name] = family[name] }
    return table
  }()

  @Sendable private static func expandDimensions(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard let requested = node.integer(1) else { return Shape.unknown(rank: shape.rank + 1) }
      guard requested >= -shape.rank - 1, requested <= shape.rank else { return nil }
      var sizes = shape.dimensions
      sizes.insert(1, at: requested < 0 ? requested + shape.rank + 1 : requested)
      return Shape(sizes)
    }
    return node.result(node.elementType(0), shape)
  }

  /// Different elements, the place of each element among them, and their counts.
  @Sendable private static func unique(_ node: InferenceContext) -> [ValueType?] {
    node.result(node.elementType(0), [.unknown]) + node.result(.int64, node.shape(0))
      + node.result(.int64, [.unknown])
  }

  /// [regions, C, height, width]
  @Sendable private static func cropAndResize(_ node: InferenceContext) -> [ValueType?] {
    let regions = node.shape(1).flatMap(\.dimensions.first) ?? .unknown
    let channels = node.shape(0).flatMap { $0.rank == 4 ? $0[1] : nil } ?? .unknown
    let sizes = node.elements(3).flatMap { $0.count == 2 ? $0 : nil } ?? [.unknown, .unknown]
    return node.result(node.elementType(0), Shape([regions, channels] + sizes))
  }

  @Sendable private static func embedding(_ node: InferenceContext) -> [ValueType?] {
    let size = node.shape(0).flatMap { $0.rank == 2 ? $0[1] : nil } ?? .unknown
    return node.result(node.elementType(0), node.shape(1).map { Shape($0.dimensions + [size]) })
  }

  /// data[:axis] + indices + data[axis+1:]; bytes hold several numbers of the last axis.
  @Sendable private static func gatherBlocks(_ node: InferenceContext) -> [ValueType?] {
    guard var data = node.shape(0), let indices = node.shape(1), let bits = node.int("bits"),
      let axis = node.axis("gather_axis", of: data), [2, 4, 8].contains(bits)
    else { return node.result(node.elementType(2), nil) }
    if node.elementType(0) == .uint8 {
      guard axis != data.rank - 1 else { return node.result(node.elementType(2), nil) }
      // Where the axis does not fill its last byte, the number of elements is not known.
      data[data.rank - 1] = bits == 8 ? data[data.rank - 1] : data[data.rank - 1] * .fixed(8 / bits)
    }
    let sizes = data.dimensions.prefix(axis) + indices.dimensions + data.dimensions.dropFirst(axis + 1)
    return node.result(node.elementType(2), Shape(Array(sizes)))
  }

  /// Scale and zero point of the result, then each operand with its own.
  @Sendable private static func concat(_ node: InferenceContext) -> [ValueType?] {
    let operands = stride(from: 2, to: node.inputs.count, by: 3).map { node.inputs[$0] }
    let rule = JoiningInference.operators["Concat"]
    return rule?(node.replacingInputs(operands)) ?? []
  }

  private static func reduce(_ node: InferenceContext, _ elementType: ElementType?) -> [ValueType?] {
    let shape = node.shape(0).flatMap {
      ReductionInference.reduced($0, over: node.ints("axes") ?? [], keepsAxes: node.flag("keepdims"))
    }
    return node.result(elementType, shape)
  }

  // MARK: Signals: the transformed axis is the last, complex numbers are pairs on one more

  @Sendable private static func realToComplex(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard node.int("signal_ndim") == 1, let length = shape.dimensions.last else { return nil }
      return Shape(shape.dimensions.dropLast() + [length.floorDivided(by: 2) + 1, 2])
    }
    return node.result(node.elementType(0), shape)
  }

  @Sendable private static func complexToReal(_ node: InferenceContext) -> [ValueType?] {
    let shape = node.shape(0).flatMap { shape -> Shape? in
      guard node.int("signal_ndim") == 1, shape.rank >= 2 else { return nil }
      return Shape(shape.dimensions.dropLast(2) + [(shape[shape.rank - 2] - 1) * 2])
    }
    return node.result(node.elementType(0), shape)
  }

  /// Weights are transposed here, so that they do not tell the hidden size as the standard's do.
  @Sendable private static func recurrent(_ node: InferenceContext) -> [ValueType?] {
    guard node.own("hidden_size") != nil, let rule = RecurrentInference.operators["LSTM"] else { return [] }
    return rule(node)
  }
}
