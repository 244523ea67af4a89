import Foundation

/// Prints what the workbench costs besides the engine, as ratios: machines differ, and are busy or not. Run it
/// with `make bench`; it asserts nothing.
///
/// Arguments: the folder of the debug build, that of the release build, the Corpus' models.
@main struct Benchmark {
  static func main() {
    do {
      try run()
    } catch {
      print("benchmark: \(error)")
      exit(2)
    }
  }

  private static func run() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.count == 3, arguments[0] == RewritingCost.writeCommand {
      return try RewritingCost.write(arguments[1], to: arguments[2])
    }
    guard arguments.count == 3 else {
      print("usage: benchmark DEBUG-BUILD RELEASE-BUILD CORPUS-MODELS")
      exit(2)
    }
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "workbench-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var loads = [Double](repeating: 0, count: 3)
    getloadavg(&loads, 3)
    print("load of the machine before: \(loads[0])")
    try SearchOverhead(
      builds: [("debug", arguments[0]), ("release", arguments[1])], corpus: arguments[2], folder: folder
    ).measure()
    try RewritingCost(build: arguments[1], folder: folder).measure()
  }
}
