import GraphIR
import TensorCore

/// Finds the files that tensors refer to: below the model's folder only, each mapped once.
struct ExternalData {
  private let folder: String?
  private var files: [String: MappedFile] = [:]

  /// Without a folder, as for a model that came from memory, there is no external data.
  init(folder: String?) {
    self.folder = folder
  }

  /// The bytes that `entries` (`TensorProto.external_data`) describe.
  ///
  /// A checksum is not verified: that would read the whole file.
  mutating func storage(_ entries: [MetadataEntry], byteCount: Int) throws -> TensorStorage {
    guard let location = entries.last(where: { $0.key == "location" })?.value, !location.isEmpty else {
      throw DecodingFailure("external data without a location")
    }
    let file = try file(at: location)
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
