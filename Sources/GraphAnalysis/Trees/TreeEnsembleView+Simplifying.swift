extension TreeEnsembleView {
  /// Without what cannot matter: branches that decide nothing (see `TreeSimplifier`) and weights of 0 that change no
  /// score. Every score and label keeps its bits, since the trees are the same in number and order.
  public func simplified() -> TreeEnsembleView {
    var result = withoutZeroWeights() ?? self
    for index in result.trees.indices {
      let simpler = TreeSimplifier.simplified(result.trees[index])
      if simpler.hasRuntimeLayout { result.trees[index] = simpler }
    }
    return result
  }
}
