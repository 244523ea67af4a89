#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Paths as text: what reading and writing files beside each other needs. Compared byte by byte: text that
/// `String` takes for equal can name different files.
public enum FilePath {
  /// The folder that holds `path`, such as `.` for a plain name.
  public static func folder(of path: String) -> String {
    guard let slash = lastSlash(in: path) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component of `path`.
  public static func name(of path: String) -> String {
    lastSlash(in: path).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  public static func joining(_ folder: String, _ name: String) -> String {
    endsWithSlash(folder) ? folder + name : folder + "/" + name
  }

  /// The absolute path without symbolic links, `.` and `..`; nil where nothing exists there.
  public static func resolvingLinks(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Where the file `path` lies below `folder`; both without symbolic links.
  public static func relative(_ path: String, to folder: String) -> String? {
    let prefix = endsWithSlash(folder) ? folder : folder + "/"
    guard path.utf8.starts(with: prefix.utf8), path.utf8.count > prefix.utf8.count else { return nil }
    return String(decoding: path.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  private static func lastSlash(in path: String) -> String.Index? {
    path.utf8.lastIndex(of: UInt8(ascii: "/"))
  }

  private static func endsWithSlash(_ path: String) -> Bool {
    path.utf8.last == UInt8(ascii: "/")
  }
}
