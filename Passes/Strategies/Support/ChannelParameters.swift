import GraphIR
import Kernels
import TensorCore

/// New constants for input slots of nodes. Other readers keep the old ones.
struct ChannelParameters {
  private var model: Model?
  private var tensors: [ParameterPlace: Tensor] = [:]
  private var places: [ParameterPlace] = []

  init(model: Model) {
    self.model = model
  }

  /// - Parameter fallback: where the slot is empty.
  /// - Throws: `ModelError` where there is no constant, and what `body` throws.
  mutating func change(
    _ place: ParameterPlace, default fallback: Tensor? = nil, _ body: (Tensor) throws -> Tensor
  )
    throws
  {
    guard let current = tensors[place] ?? stored(place) ?? fallback else {
      throw ModelError("needs constants that are gone")
    }
    if tensors.updateValue(try body(current), forKey: place) == nil { places.append(place) }
  }

  func isChanged(_ place: ParameterPlace) -> Bool { tensors[place] != nil }

  private func stored(_ place: ParameterPlace) -> Tensor? {
    guard let model, !model.isErased(place.node) else { return nil }
    return model.input(place.index, of: place.node).flatMap { model.constant($0) }
  }

  /// Before an edit, which would copy a model that is held.
  mutating func releaseModel() { model = nil }

  func write(_ rewriter: inout Rewriter) {
    for place in places {
      guard let tensor = tensors[place] else { continue }
      rewriter.setConstant(at: place.index, of: place.node, to: tensor)
    }
  }
}

extension Rewriter {
  /// Lets an input slot, which there may not have been, read a new constant; the old one goes if nothing else
  /// reads it.
  mutating func setConstant(at index: Int, of node: NodeID, to tensor: Tensor) {
    let old = model.input(index, of: node)
    let name = old.map { model.name(of: $0) } ?? ""
    let value = addConstant(tensor, name: name, in: model.graph(of: node))
    var inputs = model.inputs(of: node)
    while inputs.count <= index { inputs.append(nil) }
    inputs[index] = value
    setInputs(of: node, to: inputs)
    guard let old, !model.hasUses(old) else { return }
    if let producer = model.producer(of: old) { eraseIfDead(producer) } else { eraseUnused(old) }
  }
}

extension Tensor {
  /// The elements of these indices along an axis.
  /// - Throws: `TensorError` where there is no such axis or index, and for elements of less than a byte.
  func keeping(_ indices: [Int], along axis: Int) throws -> Tensor {
    guard dimensions.indices.contains(axis), elementType.bitWidth % 8 == 0, elementType != .string,
      indices.allSatisfy({ $0 >= 0 && $0 < dimensions[axis] })
    else { throw TensorError("\(type) has no such elements along axis \(axis)") }
    let inner = dimensions[(axis + 1)...].reduce(1, *)
    let outer = dimensions[..<axis].reduce(1, *)
    var sizes = dimensions
    sizes[axis] = indices.count
    let rows = (0..<outer).flatMap { block in indices.map { block * dimensions[axis] + $0 } }
    return try Tensor(elementType, sizes) { target in
      withUnsafeBytes {
        gatherRows($0, rowByteCount: inner * elementType.bitWidth / 8, rows: rows, into: target)
      }
    }
  }
}
