import Foundation

/// CPU time of `opt` on ever longer chains of transformer blocks: it has to grow with the number of nodes, not
/// faster. Chains that are called shared have one constant where others have one for each block.
struct Growth {
  let build: String
  let folder: URL
  private static let nodeCounts = [1_000, 10_000, 100_000]
  private static let rounds = 3

  func measure() throws {
    print("\nopt on chains of transformer blocks, release (target: 100,000 nodes in 10 CPU seconds)")
    for count in Self.nodeCounts {
      try measure(count, "\(count)")
      try measure(count, "\(count)-shared")
    }
  }

  private func measure(_ count: Int, _ name: String) throws {
    let path = folder.appending(path: "\(name).onnx").path
    let out = folder.appending(path: "\(name)-out.onnx").path
    try ModelFiles.writeInChild(name, to: path)
    let runs = try (0..<Self.rounds).map { _ in
      try ChildProcess(
        "\(build)/workbench", ["opt", "-m", path, "-o", out, "--quiet", "--force", "--no-check"])
    }
    let seconds = median(runs.map(\.cpuSeconds))
    let peak = runs.map(\.peakByteCount).max() ?? 0
    print(
      "  \(name) nodes: \(fixed(seconds, 3)) s, \(fixed(seconds / Double(count) * 1e6, 1)) µs a node; "
        + "peak \(peak >> 20) MiB" + (runs.contains { $0.status != 0 } ? " FAILED" : ""))
    for file in [path, out] { try? FileManager.default.removeItem(atPath: file) }
  }
}
