extension Pipeline {
  /// The exact pipeline, and then what ONNX Runtime has operators of its own for. The result keeps results as the exact
  /// one does, and runs nowhere else.
  ///
  /// Activations and normalizations are recognized within the exact pipeline: it folds their factors into the weights
  /// that follow, and would leave nothing to recognize. It runs once more beside all of ONNX Runtime's rules, since
  /// these leave it something to do.
  public static let onnxRuntime = Pipeline(
    exact.recognizing([
      "fuse-contrib-gelu", "fuse-early-layer-normalization", "fuse-fast-gelu", "fuse-quick-gelu",
    ]).elements + [
      // Before factors and transpositions of scores go into the products that attention consists of.
      .rules(["fuse-contrib-rotary-embedding"]),
      .rules(["fuse-multi-head-attention"]),
      .pass(name: "infer-shapes", options: []),
      .pass(name: "fuse-attention-cache", options: []),
    ] + exact.recognizing([RuntimeName.onnxRuntime.rawValue]).elements)

  /// The same with more rules beside all exact ones.
  private func recognizing(_ rules: [String]) -> Pipeline {
    Pipeline(
      elements.map { element in
        switch element {
        case .rules(nil): .rules([Self.allRules] + rules)
        case .fixpoint(let inner, let limit): .fixpoint(inner.recognizing(rules), limit: limit)
        case .repeated(let inner, let count): .repeated(inner.recognizing(rules), count: count)
        case .pass, .rules: element
        }
      })
  }
}
