import Foundation

/// Finds a package that is installed for the user's Python, without importing it.
enum PythonPackage {
  /// The package's folder; `nil` when there is no such package, no Python, or no answer in time.
  static func folder(of package: String, python: String, within timeout: TimeInterval = 3) -> URL? {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python, "-c", question, package]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    guard (try? process.run()) != nil else { return nil }
    guard ended.wait(timeout: .now() + timeout) == .success else {
      process.terminate()
      return nil
    }
    let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return process.terminationStatus == 0 && answer.hasPrefix("/") ? URL(filePath: answer) : nil
  }

  private static let question = """
    import importlib.util, sys
    spec = importlib.util.find_spec(sys.argv[1])
    print(next(iter(spec.submodule_search_locations)) if spec else "")
    """
}
