import Foundation
import GraphIR
import ONNXFormat
import TensorCore

/// Time and memory of `opt` on models of a hundred megabytes, against copying the file.
struct RewritingCost {
  let build: String
  let folder: URL
  private static let rounds = 5

  func measure() throws {
    print("\nopt, release, medians of \(Self.rounds) interleaved rounds (targets: 3 × cp, 1.5 × the file)")
    for name in ["perceptron", "convolutions"] {
      let path = folder.appending(path: "\(name).onnx").path
      try ModelFiles.writeInChild(name, to: path)
      var copies: [Double] = []
      var runs: [ChildProcess] = []
      for round in 0..<Self.rounds {
        let copy = folder.appending(path: "\(name)-copy-\(round).onnx").path
        copies.append(try ChildProcess("/bin/cp", [path, copy]).seconds)
        let out = folder.appending(path: "\(name)-out-\(round).onnx").path
        runs.append(
          try ChildProcess("\(build)/workbench", ["opt", "-m", path, "-o", out, "--quiet", "--no-check"]))
        for file in [copy, out] { try? FileManager.default.removeItem(atPath: file) }
      }
      let size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 1
      let (copy, run) = (median(copies), median(runs.map(\.seconds)))
      let peak = runs.map(\.peakByteCount).max() ?? 0
      print(
        "  \(name), \(size >> 20) MiB: \(fixed(run, 3)) s, cp \(fixed(copy, 3)) s: × \(fixed(run / copy)); "
          + "peak \(peak >> 20) MiB: × \(fixed(Double(peak) / Double(size)))"
          + (runs.contains { $0.status != 0 } ? " FAILED" : ""))
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  // MARK: Models

  /// Twelve layers whose weights no pass touches.
  static func perceptron() throws -> NamedModel {
    let layers = 12, width = 1448
    let nodes = (0..<layers).map { "m\($0) = MatMul(h\($0), w\($0)) h\($0 + 1) = Relu(m\($0))" }
    return try model(
      "g (float[N,\(width)] h0) => (float[N,\(width)] h\(layers)) { \(nodes.joined(separator: " ")) }",
      weights: (0..<layers).map { ("w\($0)", [width, width]) })
  }

  /// Eleven convolutions whose weights all change: each has a BatchNormalization to fold.
  static func convolutions() throws -> NamedModel {
    let layers = 11, width = 512
    let nodes = (0..<layers).map {
      "c\($0) = Conv <pads = [1, 1, 1, 1]> (h\($0), w\($0)) "
        + "b\($0) = BatchNormalization (c\($0), s\($0), s\($0), s\($0), s\($0)) h\($0 + 1) = Relu(b\($0))"
    }
    return try model(
      "g (float[N,\(width),8,8] h0) => (float[N,\(width),8,8] h\(layers)) { \(nodes.joined(separator: " ")) }",
      weights: (0..<layers).flatMap { [("w\($0)", [width, width, 3, 3]), ("s\($0)", [width])] })
  }

  private static func model(_ graph: String, weights: [(name: String, sizes: [Int])]) throws -> NamedModel {
    var model = try NamedModel(parsing: "<ir_version: 8, opset_import: [\"\" : 17]>\n\(graph)")
    model.graph.initializers = try weights.enumerated().map { index, weight in
      NamedTensor(try .distinctNumbers(weight.sizes, seed: UInt64(index)), name: weight.name)
    }
    return model
  }
}
