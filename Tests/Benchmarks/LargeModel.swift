import Foundation

/// Time and memory of `opt` on a model with 4 GB of external data, none of which a pass touches. It takes twice
/// that much room in the folder for temporary files, so it runs only when it is asked for.
struct LargeModel {
  let build: String
  let folder: URL
  private static let rounds = 3

  func measure() throws {
    print("\nopt on a model with 4 GB of external data, release (targets: 5 CPU seconds, 113 MB)")
    let path = folder.appending(path: "large.onnx").path
    try ModelFiles.writeInChild("large", to: path)
    let results = folder.appending(path: "large").path
    for round in 1...Self.rounds {
      try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
      let copy = try ChildProcess("/bin/cp", [path, path + ".data", results])
      try FileManager.default.removeItem(atPath: results)
      try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
      let run = try ChildProcess(
        "\(build)/workbench", ["opt", "-m", path, "-o", "\(results)/large.onnx", "--quiet", "--no-check"])
      try FileManager.default.removeItem(atPath: results)
      print(
        "  round \(round): \(fixed(run.seconds)) s, \(fixed(run.cpuSeconds)) CPU s, "
          + "peak \(run.peakByteCount / 1_000_000) MB; "
          + "cp \(fixed(copy.seconds)) s, \(fixed(copy.cpuSeconds)) CPU s"
          + (run.status != 0 ? " FAILED" : ""))
    }
    for file in [path, path + ".data"] { try? FileManager.default.removeItem(atPath: file) }
  }
}
