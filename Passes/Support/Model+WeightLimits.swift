import GraphIR

extension Model {
  /// Whether there is more than 1 GiB of weights. Then rules that save a node by a copy of its weights leave large ones
  /// alone: copies of many add up to memory that reading and writing the file does not need.
  ///
  /// Depends on what folding leaves as it is, so that a second run finds nothing that the first one left. Complexity:
  /// the number of weights, until 1 GiB is reached.
  var hasHugeWeights: Bool {
    var total = 0
    for graph in allGraphs {
      for weight in initializers(of: graph) {
        total += min(denseTensor(of: weight)?.byteCount ?? 0, Self.hugeWeights)
        if total > Self.hugeWeights { return true }
      }
    }
    return false
  }

  private static var hugeWeights: Int { 1 << 30 }

  /// Bytes of a weight that is copied whatever the model's size.
  static var alwaysCopiedWeight: Int { 64 << 10 }
}
