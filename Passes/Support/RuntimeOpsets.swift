import GraphIR

/// The newest standard operator set that each release of ONNX Runtime runs: from its table of versions as far as
/// that goes, for 1.32 measured.
public enum RuntimeOpsets {
  /// Each from that minor version on.
  private static let releases: [(minor: Int, opset: Int)] = [
    (minor: 0, opset: 11), (minor: 3, opset: 12), (minor: 6, opset: 13), (minor: 8, opset: 14),
    (minor: 9, opset: 15), (minor: 11, opset: 16), (minor: 12, opset: 17), (minor: 14, opset: 18),
    (minor: 15, opset: 19), (minor: 17, opset: 20), (minor: 18, opset: 21), (minor: 21, opset: 22),
    (minor: 23, opset: 23), (minor: 32, opset: 24),
  ]

  /// Operators that runtimes have kernels for in older versions only, by the version for which they have none.
  private static let withoutKernel: [String: Int] = ["Bernoulli": 22, "RoiAlign": 22]

  /// What to aim at where the runtime is unknown: what ONNX Runtime 1.23 runs.
  public static let oldestSupported = 23

  /// The newest operator set that ONNX Runtime `version` runs, such as `1.32.0` or `1.32`. Of releases that the
  /// table does not have, never more than an older one runs. Nil for what is no such version.
  public static func newest(forONNXRuntime version: String) -> Int? {
    let numbers = version.split(separator: ".").map { Int($0) }
    guard numbers.count >= 2, numbers[0] == 1, let minor = numbers[1], minor >= 0 else { return nil }
    return releases.last { $0.minor <= minor }?.opset
  }

  /// The same for one model, which may use operators whose newer versions have no kernel.
  public static func newest(forONNXRuntime version: String, running model: Model) -> Int? {
    let limits = model.allNodes.compactMap { node -> Int? in
      let op = model.operatorName(of: node)
      return op.isStandard ? withoutKernel[op.name].map { $0 - 1 } : nil
    }
    return newest(forONNXRuntime: version).map { min($0, limits.min() ?? $0) }
  }
}
