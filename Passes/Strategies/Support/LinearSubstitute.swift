import Candidates
import GraphIR
import LinearAlgebra
import TensorCore

/// Readers of `exit` read a linear map of `entry` instead, position by position: a convolution with one element, a
/// product over the last axis, or a factor and a summand for each channel.
struct LinearSubstitute: CandidateEdit {
  enum Form: Sendable {
    /// The map is diagonal.
    case scales
    case matrix
  }

  let entry: ValueID
  let exit: ValueID
  let geometry: RegionGeometry
  let map: LinearMap
  let form: Form

  func apply(to model: inout Model, as name: String) throws {
    guard !model.isErased(exit), let producer = model.producer(of: exit), let entry = model.current(entry),
      entry != exit, model.value(exit, dependsOn: entry)
    else {
      throw ModelError("no longer applies")
    }
    guard
      ChannelLayout(of: entry, isChannelsFirst: geometry.entry.isChannelsFirst, in: model) == geometry.entry
    else { throw ModelError("no longer fits what comes before it") }
    let constants = try [weights(), bias()]
    try model.edit(as: name) { rewriter in
      let graph = rewriter.model.graph(of: producer)
      let values = constants.map { rewriter.addConstant($0, in: graph) }
      let result = write(from: entry, values, before: producer, with: &rewriter)
      try rewriter.replaceAllUses(of: exit, with: result)
      rewriter.eraseIfDead(producer)
    }
  }

  private func write(
    from entry: ValueID, _ constants: [ValueID], before node: NodeID, with rewriter: inout Rewriter
  ) -> ValueID {
    let type = rewriter.model.type(of: exit)
    if form == .matrix, geometry.exit.isChannelsFirst {
      let strides = Attribute("strides", .ints(geometry.strides.map(Int64.init)))
      return rewriter.value(
        of: "Conv", [entry] + constants, type: type, attributes: [strides], before: node)
    }
    let product = rewriter.value(
      of: form == .matrix ? "MatMul" : "Mul", [entry, constants[0]], type: type, before: node)
    return rewriter.value(of: "Add", [product, constants[1]], type: type, before: node)
  }

  private func weights() throws -> Tensor {
    switch form {
    case .scales:
      let factors = (0..<map.weights.columns).map { map.weights.values[$0 * map.weights.columns + $0] }
      return try Tensor(.float32, rounding: factors, geometry.exit.sizes)
    case .matrix where geometry.exit.isChannelsFirst:
      let sizes = [map.weights.columns, map.weights.rows] + geometry.strides.map { _ in 1 }
      return try Tensor(.float32, rounding: map.weights.transposed.values, sizes)
    case .matrix:
      return try Tensor(.float32, rounding: map.weights.values, [map.weights.rows, map.weights.columns])
    }
  }

  private func bias() throws -> Tensor {
    let isOfConvolution = form == .matrix && geometry.exit.isChannelsFirst
    return try Tensor(.float32, rounding: map.bias, isOfConvolution ? [map.bias.count] : geometry.exit.sizes)
  }
}
