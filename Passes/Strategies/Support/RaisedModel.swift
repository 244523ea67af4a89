import GraphIR
import PassPipeline

extension Model {
  /// Raises the standard operators' version, where it is older. What needs no change keeps its handle.
  /// - Throws: `ModelError` where that is not possible exactly.
  mutating func raiseOpset(to version: Int) throws {
    guard let opset = opset("", in: mainGraph), opset < version else { return }
    var context = PassContext()
    var conversion = ConvertOpset()
    conversion.options.to = version
    try conversion.run(on: &self, in: &context)
  }

  /// Layers that there are with an operator set of at least `version`, and that read and give values that there are
  /// already, by which they can be observed; none where the operator set cannot be raised.
  func quantizableLayers(opset version: Int, keeping: Set<NodeID>) -> [QuantizableLayer] {
    var raised = self
    guard opset("", in: mainGraph) != nil, (try? raised.raiseOpset(to: version)) != nil else { return [] }
    let nodes = nodes(of: mainGraph)
    let known = Set(inputs(of: mainGraph) + nodes.flatMap { outputs(of: $0) })
    return nodes.filter { !keeping.contains($0) && !raised.isErased($0) }
      .compactMap { QuantizableLayer($0, in: raised) }
      .filter { known.contains($0.input) && known.contains($0.result) }
  }
}
