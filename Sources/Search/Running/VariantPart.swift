import GraphIR

/// The part of a variant that a change can reach, up to the features of the last linear layer where that layer
/// can be judged apart.
struct VariantPart: Sendable {
  let encoded: VariantEncoder.Encoded
  let usesHead: Bool
  /// What the features are called: what a model declares has names of its own.
  static let features = "workbench_features"

  /// Cuts parts out of variants.
  struct Cutter: Sendable {
    let encoder: VariantEncoder
    let scorer: Scorer
    let head: (features: ValueID, nodes: Set<NodeID>)?

    /// - Parameters:
    ///   - changed: the original's nodes that the variant lacks.
    ///   - cut: the value to begin at, whose activations are stored; nil for the model's inputs.
    func part(of variant: Model, changed: [NodeID], from cut: ValueID?) throws -> VariantPart {
      let inputs = cut.map { [(name: ActivationStore.inputName, value: $0)] } ?? []
      guard let head, !changed.contains(where: head.nodes.contains),
        let features = variant.current(head.features)
      else {
        let whole = try variant.extracting([scorer.output(of: variant)], from: inputs)
        return VariantPart(encoded: try encoder.encode(whole), usesHead: false)
      }
      let part = try variant.extracting([(name: VariantPart.features, value: features)], from: inputs)
      return VariantPart(encoded: try encoder.encode(part), usesHead: true)
    }
  }
}
