import Foundation

/// Prints what the workbench costs besides the engine, as ratios: machines differ, and are busy or not. Run it
/// with `make bench`; it asserts nothing.
///
/// Arguments: the folder of the debug build, that of the release build, the Corpus' models, and the parts to
/// measure. Without any, all but `large` are, which needs 8 GB of room for temporary files.
@main struct Benchmark {
  static func main() {
    do {
      try run()
    } catch {
      print("benchmark: \(error)")
      exit(2)
    }
  }

  private enum Part: String, CaseIterable {
    case search, rewriting, growth, large
  }

  private static func run() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.count == 3, arguments[0] == ModelFiles.command {
      return try ModelFiles.write(arguments[1], to: arguments[2])
    }
    let parts = arguments.dropFirst(3).compactMap(Part.init(rawValue:))
    guard arguments.count >= 3, parts.count == arguments.count - 3 else {
      let names = Part.allCases.map(\.rawValue).joined(separator: " | ")
      print("usage: benchmark DEBUG-BUILD RELEASE-BUILD CORPUS-MODELS [\(names)] …")
      exit(2)
    }
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "workbench-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var loads = [Double](repeating: 0, count: 3)
    getloadavg(&loads, 3)
    print("load of the machine before: \(loads[0])")
    for part in parts.isEmpty ? [.search, .rewriting, .growth] : parts {
      try measure(part, debugBuild: arguments[0], build: arguments[1], corpus: arguments[2], folder)
    }
  }

  private static func measure(
    _ part: Part, debugBuild: String, build: String, corpus: String, _ folder: URL
  ) throws {
    switch part {
    case .search:
      try SearchOverhead(
        builds: [("debug", debugBuild), ("release", build)], corpus: corpus, folder: folder
      ).measure()
    case .rewriting: try RewritingCost(build: build, folder: folder).measure()
    case .growth: try Growth(build: build, folder: folder).measure()
    case .large: try LargeModel(build: build, folder: folder).measure()
    }
  }
}
