import Foundation
import Testing

@testable import Evaluation

@Suite struct OnnxRuntimeLibraryTests {
  @Test func loadsWhatSetUpFetched() throws {
    let library = try OnnxRuntimeSearch().load()
    #expect(library.version.hasPrefix("1."))
    #expect(library.buildInfo.contains("ORT Build Info"))
  }

  @Test func takesTheNewestVersionOfTheNearestDependencyFolder() throws {
    try withTemporaryFolder { folder in
      let nested = try touch(folder, "project/build/debug/tool").deletingLastPathComponent()
      try touch(folder, ".deps/onnxruntime-9.0.0/lib/libonnxruntime.so.9.0.0")
      try touch(folder, "project/.deps/onnxruntime-1.9.0/lib/libonnxruntime.so.1.9.0")
      try touch(folder, "project/.deps/onnxruntime-1.32.0/lib/libonnxruntime.so.1.32.0")
      try touch(folder, "project/.deps/onnxruntime-1.32.0/lib/libonnxruntime_providers_shared.so")
      let found = OnnxRuntimeSearch.libraries(inDependenciesFrom: nested)
      let names = found.map { URL(filePath: $0).lastPathComponent }
      #expect(names == ["libonnxruntime.so.1.32.0", "libonnxruntime.so.1.9.0"])
    }
  }

  @Test func aNamedLibraryIsTheOnlyOneTried() throws {
    let error = #expect(throws: OnnxRuntimeLibraryError.self) {
      try OnnxRuntimeSearch(namedPath: "/no/such/lib.so").load()
    }
    #expect(error?.path == "/no/such/lib.so")
    #expect(error?.description.contains("make setup") == true)
  }

  @Test func aFileThatIsNoLibraryIsRefusedByName() throws {
    try withTemporaryFolder { folder in
      let file = try touch(folder, ".deps/libonnxruntime.so")
      let search = OnnxRuntimeSearch(environment: [:], startFolders: [folder], systemNames: [], python: nil)
      let error = #expect(throws: OnnxRuntimeLibraryError.self) { try search.load() }
      #expect(error?.path == file.path)
    }
  }

  @Test func saysHowToMendThatNoneWasFound() throws {
    let search = OnnxRuntimeSearch(
      environment: [:], startFolders: [], systemNames: ["libno-such.so"], python: "false")
    let error = #expect(throws: OnnxRuntimeLibraryError.self) { try search.load() }
    #expect(
      error?.description
        == "ONNX Runtime was not found; run `make setup` in the project's folder, or name the library with "
        + "--ort-lib or WORKBENCH_ORT_LIB")
  }

  @Test func aLibraryWithoutTheEntryPointIsNotTakenForOnnxRuntime() {
    let name = if isDarwin { "libz.dylib" } else { "libz.so.1" }
    let error = #expect(throws: OnnxRuntimeLibraryError.self) { try OnnxRuntimeLibrary(path: name) }
    #expect(error?.reason.contains("it is not ONNX Runtime") == true)
  }
}

private let isDarwin: Bool = {
  #if canImport(Darwin)
    true
  #else
    false
  #endif
}()

private func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    .appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

@discardableResult private func touch(_ folder: URL, _ path: String) throws -> URL {
  let file = folder.appending(path: path)
  let parent = file.deletingLastPathComponent()
  try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
  try Data("not a library".utf8).write(to: file)
  return file
}
