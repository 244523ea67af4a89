import Foundation

/// Which share of a search's wall time is neither a run of the engine nor the making of a session.
struct SearchOverhead {
  let builds: [(name: String, path: String)]
  let corpus: String
  let folder: URL

  private struct Report: Decodable {
    let wall_seconds: Double
    let runtime_seconds: Double
    let evaluations: Double
  }

  func measure() throws {
    print("\nsearch --budget 1%: share of the wall time outside the runtime (target: below 10 %)")
    for model in ["digits-cnn", "glyph-resnet"] {
      for build in builds {
        let out = folder.appending(path: "\(model)-\(build.name)").path
        let child = try ChildProcess(
          "\(build.path)/workbench",
          ["search", "--model", "\(corpus)/\(model)/model.onnx", "--budget", "1%", "-o", out, "--quiet"])
        guard child.status <= 1, let data = FileManager.default.contents(atPath: "\(out)/report.json") else {
          print("  \(model), \(build.name): failed with status \(child.status)")
          continue
        }
        let report = try JSONDecoder().decode(Report.self, from: data)
        let share = 100 * (1 - report.runtime_seconds / report.wall_seconds)
        print(
          "  \(model), \(build.name): \(fixed(share, 1)) % of \(fixed(report.wall_seconds)) s, "
            + "\(fixed(report.evaluations, 1)) passes, peak \(child.peakByteCount >> 20) MiB")
      }
    }
  }
}
