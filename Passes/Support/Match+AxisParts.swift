import GraphIR
import Rewriting
import TensorCore

/// What a value takes of another one along one axis: the elements at `indices`, in this order.
struct AxisPart {
  var source: ValueID
  var axis: Int
  var indices: [Int]
}

extension Match {
  /// How a value is cut out of another by a `Slice` along one axis, a `Split`, or a `Gather` of several, with
  /// constant bounds, along an axis of known size; nil for others.
  func axisPart(of value: ValueID) throws -> AxisPart? {
    guard let node = producer(of: value), let source = node.inputs.first.flatMap({ $0 }),
      let shape = model.shape(of: source)
    else { return nil }
    switch node.op {
    case OperatorName("Slice"): return try slicedPart(node, of: source, shape)
    case OperatorName("Split"): return try splitPart(node, of: source, shape, value)
    case OperatorName("Gather"): return gatheredPart(node, of: source, shape)
    default: return nil
    }
  }

  private func slicedPart(_ node: NodeView, of source: ValueID, _ shape: Shape) throws -> AxisPart? {
    guard let starts = try? node.ints("starts"), let ends = try? node.ints("ends"), starts.count == 1,
      ends.count == 1, let axes = try? node.optionalInts("axes") ?? [0], axes.count == 1,
      let steps = try? node.optionalInts("steps") ?? [1], steps.count == 1, steps[0] > 0,
      let axis = shape.normalizedAxis(axes[0]), let size = shape[axis].fixedSize, size <= indexLimit
    else { return nil }
    let start = clamped(starts[0], size), end = clamped(ends[0], size)
    return AxisPart(source: source, axis: axis, indices: Array(stride(from: start, to: end, by: steps[0])))
  }

  private func clamped(_ bound: Int, _ size: Int) -> Int {
    bound < 0 ? max(bound, -size) + size : min(bound, size)
  }

  private func splitPart(
    _ node: NodeView, of source: ValueID, _ shape: Shape, _ value: ValueID
  ) throws -> AxisPart? {
    guard let axis = shape.normalizedAxis(try node.int("axis")), let size = shape[axis].fixedSize,
      size <= indexLimit
    else { return nil }
    var start = 0
    for output in node.outputs {
      guard let part = model.shape(of: output), axis < part.rank, let length = part[axis].fixedSize,
        length >= 0, length <= size - start
      else { return nil }
      if output == value {
        return AxisPart(source: source, axis: axis, indices: Array(start..<start + length))
      }
      start += length
    }
    return nil
  }

  private func gatheredPart(_ node: NodeView, of source: ValueID, _ shape: Shape) -> AxisPart? {
    guard let axis = (try? node.int("axis")).flatMap({ shape.normalizedAxis($0) }),
      let size = shape[axis].fixedSize,
      let indices = node.inputs.last.flatMap({ $0 }).flatMap({ model.constant($0) }), indices.rank == 1,
      indices.elementCount <= indexLimit, let numbers = try? indices.integers(),
      numbers.allSatisfy({ $0 >= -size && $0 < size })
    else { return nil }
    return AxisPart(source: source, axis: axis, indices: numbers.map { $0 < 0 ? $0 + size : $0 })
  }
}

extension Match {
  /// The elements at `indices` along one axis: a `Slice` where they are a range, else a `Gather`.
  func selection(_ indices: [Int], of source: some TermConvertible, along axis: Int) throws -> Term {
    guard let step = indices.commonStep, let first = indices.first, let last = indices.last else {
      return try Op.Gather(source, Tensor(int64: indices), attributes: ["axis": AttributeLiteral(axis)])
    }
    return try Op.Slice(
      source, Tensor(int64: [first]), Tensor(int64: [last + 1]), Tensor(int64: [axis]),
      step == 1 ? nil : Tensor(int64: [step]))
  }
}

extension [Int] {
  /// How much greater each is than the one before it; nil where this differs, is not positive, or there is none.
  var commonStep: Int? {
    guard count > 1 else { return isEmpty ? nil : 1 }
    let step = self[1] - self[0]
    return step > 0 && zip(self, dropFirst()).allSatisfy { $1 - $0 == step } ? step : nil
  }
}

/// Indices beyond this number are not worth storing.
private let indexLimit = 4096
