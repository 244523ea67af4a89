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
}

extension ONNXFormat {
  /// Writes the model to `path`, and weights that the policy wants outside to `path` + `.data`.
  ///
  /// Both files appear complete or not at all, and only after all data is on the disk; files that they replace
  /// stay intact for whoever has them mapped, so that a model can be written over the file it came from. Only a
  /// power failure between the two renames can leave a new data file beside an old model.
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
      case .automatic, .never:
        var encoder = ModelEncoder(placement: EmbeddedPlacement())
        encoder.encode(model)
        if externalData == .automatic, encoder.writer.byteCount > maximumByteCount {
          try writeWithDataFile(
            model, to: path, overwriting, minimumByteCount: smallestExternalByteCount, maximumByteCount)
        } else {
          try encoder.writer.requireByteCount(atMost: maximumByteCount)
          let file = try AtomicFile(path: path, overwriting: overwriting)
          try file.write(encoder.writer)
          try file.commit()
        }
      }
    } catch {
      throw ModelError(wrapping: error, file: path)
    }
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

  /// In pieces whose pages are given back, so that memory does not fill up with weights that pass through.
  private func write(_ storage: TensorStorage) throws {
    let piece = 8 << 20
    try storage.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: piece) {
        let range = start..<min(start + piece, bytes.count)
        try write(UnsafeRawBufferPointer(rebasing: bytes[range]))
        storage.releasePages(range)
      }
    }
  }
}
