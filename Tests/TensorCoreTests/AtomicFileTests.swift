import Foundation
import TensorCore
import Testing

@Suite final class AtomicFileTests {
  private let folder: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "atomic-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test func nothingAppearsBeforeTheCommit() throws {
    let file = try AtomicFile(path: folder + "/a.txt", overwriting: false)
    try file.write("text")
    #expect(!names.contains("a.txt"))
    try file.commit()
    #expect(names == ["a.txt"])
    #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "text")
  }

  @Test func whatIsNotCommittedLeavesNoTrace() throws {
    try AtomicFile.write("old", to: folder + "/a.txt", overwriting: false)
    do {
      let file = try AtomicFile(path: folder + "/a.txt", overwriting: true)
      try file.write("half of the ne")
    }
    #expect(names == ["a.txt"])
    #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "old")
  }

  /// What a signal handler does before the process ends, in a process of its own.
  @Test func aSignalLeavesNoTemporaryFile() async throws {
    await #expect(processExitsWith: .success) { [folder = self.folder as String] in
      TemporaryFiles.prepare()
      try AtomicFile.write("kept", to: folder + "/a.txt", overwriting: false)
      let file = try AtomicFile(path: folder + "/b.txt", overwriting: false)
      try file.write("half")
      TemporaryFiles.removeAll()
      exit(0)
    }
    #expect(names == ["a.txt"])
  }

  @Test func aFileThatAppearsMeanwhileIsKept() throws {
    let file = try AtomicFile(path: folder + "/a.txt", overwriting: false)
    try "theirs".write(toFile: folder + "/a.txt", atomically: false, encoding: .utf8)
    do {
      try file.commit()
      Issue.record("the file was replaced")
    } catch {
      #expect("\(error)" == "\(folder)/a.txt: already exists")
    }
    #expect(names == ["a.txt"])
    #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "theirs")
  }

  @Test func mappingsOutliveTheReplacement() throws {
    try AtomicFile.write("old", to: folder + "/a.txt", overwriting: false)
    let mapped = try MappedFile(path: folder + "/a.txt")
    #expect(mapped.isCurrent)
    try AtomicFile.write("new", to: folder + "/a.txt", overwriting: true)
    #expect(!mapped.isCurrent)
    #expect(mapped.withUnsafeBytes { Array($0) } == Array("old".utf8))
  }

  @Test func linksAreFollowedAndPermissionsKept() throws {
    try AtomicFile.write("old", to: folder + "/a.txt", overwriting: false)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/a.txt")
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a.txt")
    try AtomicFile.write("new", to: folder + "/link", overwriting: true)
    #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "a.txt")
    let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/a.txt")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test(arguments: ["/dev/null", "/tmp", "/nowhere/a.txt"])
  func placesForNoFileAreRefused(path: String) {
    #expect(throws: FileError.self) { _ = try AtomicFile(path: path, overwriting: true) }
  }

  /// Hidden files too: a temporary file left behind would be one.
  /// Unaligned ranges, shorter and longer than what is left to the system.
  @Test(arguments: [0..<0, 3..<1003, 5..<300_005]) func rangesOfOtherFilesAreCopied(range: Range<Int>) throws
  {
    let (source, bytes) = try source()
    let file = try AtomicFile(path: folder + "/copy", overwriting: false)
    try file.write("before ")
    try file.write(source, range: range)
    try file.write(" after")
    try file.commit()
    let expected = Array("before ".utf8) + bytes[range] + Array(" after".utf8)
    #expect(FileManager.default.contents(atPath: folder + "/copy").map(Array.init) == expected)
  }

  @Test func whatIsMappedCountsNotWhatTookItsName() throws {
    let (source, bytes) = try source()
    try AtomicFile.write("another", to: source.path, overwriting: true)
    let file = try AtomicFile(path: folder + "/copy", overwriting: false)
    try file.write(source, range: 0..<bytes.count)
    try file.commit()
    #expect(FileManager.default.contents(atPath: folder + "/copy").map(Array.init) == bytes)
  }

  private func source() throws -> (file: MappedFile, bytes: [UInt8]) {
    let bytes = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    let file = try AtomicFile(path: folder + "/source", overwriting: false)
    try file.write(bytes)
    try file.commit()
    return (file: try MappedFile(path: folder + "/source"), bytes: bytes)
  }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}

@Suite struct FilePathTests {
  @Test(arguments: [("a", ".", "a"), ("/a", "/", "a"), ("b/c.onnx", "b", "c.onnx"), ("b/", "b", "")])
  func pathsAreTakenApart(path: String, folder: String, name: String) {
    #expect(FilePath.folder(of: path) == folder)
    #expect(FilePath.name(of: path) == name)
  }

  @Test func relativePathsStayBelowTheFolder() {
    #expect(FilePath.relative("/a/b/c", to: "/a") == "b/c")
    #expect(FilePath.relative("/ab/c", to: "/a") == nil)
    #expect(FilePath.relative("/a", to: "/a") == nil)
    #expect(FilePath.relative("/c", to: "/") == "c")
  }
}
