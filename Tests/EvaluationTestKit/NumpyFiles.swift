import CZlib
import Foundation

/// Writes `.npy` and `.npz` bytes as NumPy does, so that tests can also write what NumPy never would.
public enum NumpyFiles {
  public static func npy<Number>(
    _ descr: String, _ shape: String, _ elements: [Number], fortran: String = "False"
  )
    -> [UInt8]
  {
    npy(descr, shape, bytes: elements.withUnsafeBytes { Array($0) }, fortran: fortran)
  }

  public static func npy(
    _ descr: String, _ shape: String, bytes: [UInt8], fortran: String = "False", version: UInt8 = 1
  ) -> [UInt8] {
    let text = "{'descr': '\(descr)', 'fortran_order': \(fortran), 'shape': \(shape), }"
    let padded = Array(text.utf8) + [UInt8](repeating: 0x20, count: 63 - (text.utf8.count + 10) % 64) + [0x0A]
    let length = littleEndian(padded.count, version == 1 ? 2 : 4)
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + padded + bytes
  }

  public struct Entry {
    var name: String
    var contents: [UInt8]
    var isDeflated: Bool
    /// Lies about the size of the contents.
    var declaredSize: Int?
    /// Lies about the checksum.
    var checksum: UInt32?

    public init(
      name: String, contents: [UInt8], isDeflated: Bool = false, declaredSize: Int? = nil,
      checksum: UInt32? = nil
    ) {
      self.name = name
      self.contents = contents
      self.isDeflated = isDeflated
      self.declaredSize = declaredSize
      self.checksum = checksum
    }
  }

  public static func npz(_ entries: [Entry]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let stored = entry.isDeflated ? deflated(entry.contents) : entry.contents
      let sum = entry.checksum ?? UInt32(crc32(0, entry.contents, UInt32(entry.contents.count)))
      let common =
        littleEndian(20, 2) + littleEndian(0, 2) + littleEndian(entry.isDeflated ? 8 : 0, 2)
        + littleEndian(0, 4) + littleEndian(Int(sum), 4) + littleEndian(stored.count, 4)
        + littleEndian(entry.declaredSize ?? entry.contents.count, 4)
        + littleEndian(entry.name.utf8.count + 4, 2)
      directory +=
        littleEndian(0x0201_4B50, 4) + littleEndian(20, 2) + common + littleEndian(0, 12)
        + littleEndian(file.count, 4) + Array("\(entry.name).npy".utf8)
      file +=
        littleEndian(0x0403_4B50, 4) + common + littleEndian(0, 2) + Array("\(entry.name).npy".utf8) + stored
    }
    let count = littleEndian(entries.count, 2)
    return file + directory + littleEndian(0x0605_4B50, 4) + littleEndian(0, 4) + count + count
      + littleEndian(directory.count, 4) + littleEndian(file.count, 4) + littleEndian(0, 2)
  }

  public static func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> ($0 * 8)) : 0 }
  }

  /// Raw deflate: zlib's format without its two bytes of header and four of checksum.
  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(UInt(bytes.count))
    var target = [UInt8](repeating: 0, count: Int(length))
    compress(&target, &length, bytes, UInt(bytes.count))
    return Array(target[2..<(Int(length) - 4)])
  }
}

public func withTemporaryFile<Result>(
  _ bytes: [UInt8], _ name: String = "data.npz", _ body: (String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let file = folder.appending(path: name)
  try Data(bytes).write(to: file)
  return try body(file.path)
}
