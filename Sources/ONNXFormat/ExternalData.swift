import GraphIR
import Kernels
import TensorCore

/// A file that a model keeps weights in.
public struct ExternalDataFile: Hashable, Sendable {
  /// Relative to the model's folder.
  public var location: String
  public var byteCount: Int
  /// Whether it was compared with a checksum; false where the model gives none.
  public var isVerified: Bool
}

/// Finds the files that tensors refer to: below the model's folder only, each mapped once.
struct ExternalData {
  private let folder: String?
  private let verifiesChecksums: Bool
  private var files: [String: MappedFile] = [:]
  /// Of files that were read whole.
  private var digests: [String: String] = [:]

  /// Without a folder, as for a model that came from memory, there is no external data.
  /// - Parameter verifiesChecksums: reads every file that has a checksum from beginning to end.
  init(folder: String?, verifiesChecksums: Bool = false) {
    self.folder = folder
    self.verifiesChecksums = verifiesChecksums
  }

  /// All files that were found, in the order of their names.
  var summary: [ExternalDataFile] {
    files.sorted { $0.key < $1.key }.map {
      ExternalDataFile(location: $0.key, byteCount: $0.value.byteCount, isVerified: digests[$0.key] != nil)
    }
  }

  /// What `entries` say besides the place.
  static func notes(in entries: [MetadataEntry]) -> [MetadataEntry] {
    entries.filter { !["location", "offset", "length"].contains($0.key) }
  }

  /// The bytes that `entries` (`TensorProto.external_data`) describe.
  mutating func storage(_ entries: [MetadataEntry], byteCount: Int) throws -> TensorStorage {
    guard let location = entries.last(where: { $0.key == "location" })?.value, !location.isEmpty else {
      throw DecodingFailure("external data without a location")
    }
    let file = try file(at: location)
    if verifiesChecksums { try verify(file, at: location, entries) }
    let offset = try Self.number("offset", in: entries) ?? 0
    let length = try Self.number("length", in: entries) ?? byteCount
    guard length == byteCount else {
      throw DecodingFailure("\(byteCount) bytes expected, \(length) in external data \(location)")
    }
    guard offset <= file.byteCount, length <= file.byteCount - offset,
      let storage = TensorStorage(file, range: offset..<offset + length)
    else {
      throw DecodingFailure(
        "external data \(location) ends at byte \(file.byteCount), needed are \(length) from \(offset)")
    }
    return storage
  }

  /// The format has a SHA-1 of the whole file, in hexadecimal digits.
  private mutating func verify(_ file: MappedFile, at location: String, _ entries: [MetadataEntry]) throws {
    guard let expected = entries.last(where: { $0.key == "checksum" })?.value else { return }
    let digest = digests[location] ?? Self.digest(of: file)
    digests[location] = digest
    guard expected.lowercased() == digest else {
      throw DecodingFailure(
        "external data \(location) has the checksum \(digest), the model wants \(expected)",
        hint: "the file was damaged or changed: get it again")
    }
  }

  private static func digest(of file: MappedFile) -> String {
    var hash = SHA1()
    let piece = 8 << 20
    for start in stride(from: 0, to: file.byteCount, by: piece) {
      let range = start..<min(start + piece, file.byteCount)
      file.withUnsafeBytes { hash.add(UnsafeRawBufferPointer(rebasing: $0[range])) }
      file.releasePages(range)
    }
    return hash.hexadecimalDigest
  }

  private mutating func file(at location: String) throws -> MappedFile {
    if let file = files[location] { return file }
    let path = try resolve(location)
    do {
      let file = try MappedFile(path: path)
      files[location] = file
      return file
    } catch let error as FileError {
      throw DecodingFailure("external data \(location): \(error.reason)")
    }
  }

  /// The path of an existing file that really lies below the folder.
  private func resolve(_ location: String) throws -> String {
    guard let folder else {
      throw DecodingFailure("external data \(location) in a model without a folder")
    }
    let components = location.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let climbs = components.contains { $0.elementsEqual("..".utf8) }
    guard location.utf8.first != UInt8(ascii: "/"), !climbs, !location.utf8.contains(0) else {
      throw Self.outside(location)
    }
    guard let root = FilePath.resolvingLinks(folder),
      let path = FilePath.resolvingLinks(FilePath.joining(folder, location))
    else {
      throw DecodingFailure(
        "external data \(location) is missing", hint: "put the file beside the model, in \(folder)")
    }
    guard FilePath.relative(path, to: root) != nil else { throw Self.outside(location) }
    return path
  }

  private static func outside(_ location: String) -> DecodingFailure {
    DecodingFailure(
      "external data \(location) lies outside the model's folder", hint: "move the file beside the model")
  }

  /// A decimal number; nil where the entry is absent.
  private static func number(_ key: String, in entries: [MetadataEntry]) throws -> Int? {
    guard let entry = entries.last(where: { $0.key == key }) else { return nil }
    guard let number = Int(entry.value), number >= 0 else {
      throw DecodingFailure("external data with the \(key) \(entry.value)")
    }
    return number
  }
}
