import Foundation
import Testing

@testable import Reporting

/// Chromium without a window, where there is one.
struct Browser {
  static let path: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    let candidates =
      folders.flatMap { folder in names.map { "\(folder)/\($0)" } } + [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
      ]
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static let absence: Comment =
    "there is no Chromium: pages were not tried in a browser (apt-get install chromium)"

  /// The document as it is when the page has run.
  /// - Parameters:
  ///   - script: runs at the end, as if the page had brought it.
  ///   - width: of the window, in pixels.
  static func document(of page: String, running script: String? = nil, width: Int = 1280) async throws
    -> String
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "browser-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "page.html")
    try Data(script.map { page.adding($0) }?.utf8 ?? page.utf8).write(to: file)
    let output = folder.appending(path: "document.html")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    // The sandbox does not work for root, and the page is ours.
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--user-data-dir=\(folder.path)/profile", "--window-size=\(width),900", "--virtual-time-budget=3000",
      "--dump-dom", file.absoluteString,
    ]
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.nullDevice
    try await process.finish(within: .seconds(60))
    return try String(contentsOf: output, encoding: .utf8)
  }
}

extension Process {
  /// Runs it to its end, which comes in any case.
  fileprivate func finish(within limit: Duration) async throws {
    let (exit, continuation) = AsyncStream.makeStream(of: Void.self)
    terminationHandler = { _ in continuation.finish() }
    try run()
    let timer = Task {
      try await Task.sleep(for: limit)
      self.terminate()
    }
    for await _ in exit {}
    timer.cancel()
  }
}

extension String {
  /// The page with one more script that its policy allows.
  fileprivate func adding(_ script: String) -> String {
    replacing("script-src '", with: "script-src '\(HTMLDocument.source(script))' '", maxReplacements: 1)
      .replacing("</body>", with: "<script>\(script)</script></body>")
  }
}
