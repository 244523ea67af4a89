import GraphIR
import TensorCore

/// Where a model's weights are written.
public enum ExternalDataPolicy: Hashable, Sendable {
  /// Into the model file, or where that would be too large, into a data file beside it.
  case automatic
  /// Into a data file beside the model, those of at least `minimumByteCount`.
  case always(minimumByteCount: Int)
  /// Into the model file.
  case never
  /// Those that are mapped from files below the model's folder stay where they are, and the model refers to them:
  /// it is whole only as long as nobody moves or changes these files. The others, as with `automatic`.
  case shared
}

extension ONNXFormat {
  /// Writes the model to `path`, and weights that the policy wants outside to `path` + `.data`.
  ///
  /// Both files appear complete or not at all; files that they replace stay intact for whoever has them mapped,
  /// so that a model can be written over the file it came from. Only a power failure between the two renames can
  /// leave a new data file beside an old model. Weights that lie in files are copied from there by the system.
  ///
  /// - Parameter maximumByteCount: what the model file may hold; smaller than the format's limit for tests.
  /// - Throws: `ModelError` where a file exists and `overwriting` is false, where the folder is missing or
  ///   read-only, the disk is full, or the model too large for its policy.
  public static func write(
    _ model: NamedModel, to path: String, overwriting: Bool, externalData: ExternalDataPolicy = .automatic,
    maximumByteCount: Int = maximumFileByteCount
  ) throws {
    do {
      switch externalData {
      case .always(let minimum):
        try writeWithDataFile(model, to: path, overwriting, minimumByteCount: minimum, maximumByteCount)
      case .never:
        try writeAlone(encoded(model, EmbeddedPlacement()), to: path, overwriting, maximumByteCount)
      case .automatic, .shared:
        let message = try encoded(model, sharing: externalData == .shared, path)
        guard message.byteCount > maximumByteCount else {
          return try writeAlone(message, to: path, overwriting, maximumByteCount)
        }
        try writeWithDataFile(
          model, to: path, overwriting, minimumByteCount: smallestExternalByteCount, maximumByteCount)
      }
    } catch {
      throw ModelError(wrapping: error, file: path)
    }
  }

  private static func encoded(_ model: NamedModel, sharing: Bool, _ path: String) throws -> WireWriter {
    guard sharing else { return encoded(model, EmbeddedPlacement()) }
    let placement = OriginalPlacement(
      folder: FilePath.folder(of: path), minimumByteCount: smallestExternalByteCount, excluding: path)
    guard let placement else { throw ModelError("no such folder") }
    return encoded(model, placement)
  }

  private static func encoded(_ model: NamedModel, _ placement: some TensorPlacement) -> WireWriter {
    var encoder = ModelEncoder(placement: placement)
    encoder.encode(model)
    return encoder.writer
  }

  private static func writeAlone(
    _ message: WireWriter, to path: String, _ overwriting: Bool, _ maximumByteCount: Int
  ) throws {
    try message.requireByteCount(atMost: maximumByteCount)
    let file = try AtomicFile(path: path, overwriting: overwriting)
    try file.write(message)
    try file.commit()
  }

  private static func writeWithDataFile(
    _ model: NamedModel, to path: String, _ overwriting: Bool, minimumByteCount: Int, _ maximumByteCount: Int
  ) throws {
    let placement = DataFilePlacement(
      fileName: FilePath.name(of: path) + ".data", minimumByteCount: minimumByteCount)
    var encoder = ModelEncoder(placement: placement)
    encoder.encode(model)
    try encoder.writer.requireByteCount(atMost: maximumByteCount)
    let modelFile = try AtomicFile(path: path, overwriting: overwriting)
    if !encoder.placement.entries.isEmpty {
      let dataFile = try AtomicFile(path: path + ".data", overwriting: overwriting)
      try dataFile.write(encoder.placement)
      try modelFile.write(encoder.writer)
      try dataFile.commit()
    } else {
      try modelFile.write(encoder.writer)
    }
    try modelFile.commit()
  }
}

extension WireWriter {
  func requireByteCount(atMost limit: Int) throws {
    guard byteCount <= limit else {
      throw ModelError(
        "the model file would take \(byteCount) bytes, \(limit) are possible",
        hint: "move the weights to external data")
    }
  }
}

extension AtomicFile {
  fileprivate func write(_ message: borrowing WireWriter) throws {
    try message.forEachPart(bytes: { try write($0) }, data: { try write($0) })
  }

  fileprivate func write(_ placement: DataFilePlacement) throws {
    var position = 0
    for entry in placement.entries {
      try write([UInt8](repeating: 0, count: entry.offset - position))
      try write(entry.storage)
      position = entry.offset + entry.storage.byteCount
    }
  }

  private func write(_ storage: TensorStorage) throws {
    if let (file, range) = storage.mapping {
      try write(file, range: range)
    } else {
      try storage.withUnsafeBytes { try write($0) }
    }
  }
}
