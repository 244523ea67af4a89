import Foundation

/// Where ONNX Runtime's library is looked for. A library that the user names is the only one tried; otherwise
/// the first of these that loads is taken:
/// 1. the dependency folder `.deps` beside the executable, or in the nearest folder above it that has one;
/// 2. the same from the current folder upwards;
/// 3. what the dynamic loader finds by name;
/// 4. the Python package `onnxruntime`.
public struct OnnxRuntimeSearch: Sendable {
  /// What `--ort-lib` names: a library, or a folder that holds one.
  public var namedPath: String?
  public var environment: [String: String]
  /// Each of these and the folders above it are searched for a dependency folder.
  public var startFolders: [URL]
  /// What the dynamic loader is asked for.
  public var systemNames: [String]
  /// The command that is asked where its package is; `nil` asks none.
  public var python: String?

  public init(
    namedPath: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
    startFolders: [URL] = Self.standardStartFolders, systemNames: [String] = Self.standardSystemNames,
    python: String? = "python3"
  ) {
    self.namedPath = namedPath
    self.environment = environment
    self.startFolders = startFolders
    self.systemNames = systemNames
    self.python = python
  }

  public func load() throws(OnnxRuntimeLibraryError) -> OnnxRuntimeLibrary {
    if let path = namedPath ?? environment["WORKBENCH_ORT_LIB"], !path.isEmpty {
      return try OnnxRuntimeLibrary(path: Self.library(named: path))
    }
    var firstRefusal: OnnxRuntimeLibraryError?
    for place in places {
      for path in place() {
        do {
          return try OnnxRuntimeLibrary(path: path)
        } catch {
          // That the system has no such name is no refusal: nothing was there to refuse.
          if path.contains("/") { firstRefusal = firstRefusal ?? error }
        }
      }
    }
    throw firstRefusal ?? .notFound
  }

  /// In order; each is looked into only when the ones before it had nothing that loads.
  private var places: [() -> [String]] {
    startFolders.map { folder in { Self.libraries(inDependenciesFrom: folder) } } + [
      { systemNames }, { Self.librariesOfPackage(python: python) },
    ]
  }
}

extension OnnxRuntimeSearch {
  public static var standardStartFolders: [URL] {
    let executable = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let current = URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
    return (executable.map { [$0] } ?? []) + [current]
  }

  public static var standardSystemNames: [String] {
    #if canImport(Darwin)
      ["libonnxruntime.dylib"]
    #else
      ["libonnxruntime.so.1", "libonnxruntime.so"]
    #endif
  }

  /// The library that a user means by `path`: itself, or the first one in a folder. Absolute when it exists,
  /// since the dynamic loader would look for a bare name elsewhere.
  static func library(named path: String) -> String {
    let url = URL(filePath: path).absoluteURL.resolvingSymlinksInPath()
    guard let values = try? url.resourceValues(forKeys: [.isDirectoryKey]) else { return path }
    return values.isDirectory == true ? libraries(under: url).first ?? path : url.path
  }

  /// The libraries in the nearest dependency folder, from `folder` upwards, that has any.
  static func libraries(inDependenciesFrom folder: URL) -> [String] {
    var folder = folder.standardizedFileURL
    while true {
      let found = libraries(under: folder.appending(path: ".deps", directoryHint: .isDirectory))
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if !found.isEmpty || parent.path == folder.path || folder.path == "/" { return found }
      folder = parent
    }
  }

  /// The libraries at most three folders below `folder`, which may be a link, the newest version first.
  static func libraries(under folder: URL) -> [String] {
    let files = FileManager.default.enumerator(
      at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
    var found: [String] = []
    while let url = files?.nextObject() as? URL {
      if let level = files?.level, level >= 4 { files?.skipDescendants() }
      if isLibrary(url.lastPathComponent) { found.append(url.path) }
    }
    return found.sorted { $0.compare($1, options: .numeric) == .orderedDescending }
  }

  /// Versions may stand before or after the suffix; the libraries of providers begin differently.
  private static func isLibrary(_ name: String) -> Bool {
    name.hasPrefix("libonnxruntime.") && (name.contains(".so") || name.hasSuffix(".dylib"))
  }

  private static func librariesOfPackage(python: String?) -> [String] {
    guard let python, let folder = PythonPackage.folder(of: "onnxruntime", python: python) else { return [] }
    return libraries(under: folder)
  }
}
