import GraphAnalysis
import GraphIR
import Rewriting
import TensorCore

/// Where in the outputs of a model samples lie: runs of many samples need them first. Recurrent layers have steps first.
struct SampleOrder {
  /// Of each output; 0 also where that is not known.
  private let axes: [Int]

  /// Lets all outputs have samples first.
  init(of part: inout Model) {
    ShapeInference.run(on: &part)
    let main = part.mainGraph
    let symbol = part.inputs(of: main).compactMap { part.shape(of: $0)?.dimensions.first }
      .first { $0.fixedSize == nil && $0 != .unknown }
    axes = part.outputs(of: main).map { output in
      guard let symbol, let sizes = part.shape(of: output)?.dimensions, sizes.first != symbol else {
        return 0
      }
      let places = sizes.indices.filter { sizes[$0] == symbol }
      return places.count == 1 ? places[0] : 0
    }
    guard axes.contains(where: { $0 != 0 }) else { return }
    let outputs = zip(part.outputNames(of: main), part.outputs(of: main)).map { (name: $0, value: $1) }
    part.edit(as: "samples first") { rewriter in
      let moved = zip(outputs, axes).map { output, axis in
        guard axis != 0, let type = rewriter.model.type(of: output.value)?.tensorType,
          let rank = type.shape?.rank
        else { return output }
        let order = [axis] + (0..<rank).filter { $0 != axis }
        let node = rewriter.append(
          OperatorName("Transpose"), inputs: [output.value], outputs: [nil],
          attributes: [Attribute("perm", .ints(order.map(Int64.init)))], to: main)
        return (name: output.name, value: rewriter.model.outputs(of: node)[0])
      }
      rewriter.setOutputs(of: main, to: moved)
    }
    ShapeInference.run(on: &part)
  }

  /// The outputs of a run as the model lays them out.
  /// - Throws: `TensorError` where they have fewer axes than the model says.
  func restored(_ outputs: [Tensor]) throws -> [Tensor] {
    try zip(outputs, axes).map { output, axis in
      axis == 0
        ? output : try output.transposed((0..<output.rank).map { $0 < axis ? $0 + 1 : $0 == axis ? 0 : $0 })
    }
  }
}
