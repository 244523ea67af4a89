import GraphIR
import TensorCore

/// The ONNX file format, IR versions up to 14: protocol-buffer messages to and from `NamedModel`.
///
/// Weights are neither copied on reading nor on writing: they stay ranges of mapped files until a file is
/// written from them. What the schema does not know survives a round trip.
public enum ONNXFormat {
  /// A protocol-buffer message has to be smaller than 2 GiB.
  public static let maximumFileByteCount = Int(Int32.max)

  /// Initializers of fewer bytes stay in the model file when others leave it.
  public static let smallestExternalByteCount = 1024

  /// Reads the model in the file `path`, with external data from files below its folder.
  ///
  /// Checksums of external data are kept, not verified: that would read every byte (see `verifyExternalData`).
  ///
  /// - Throws: `ModelError` that names the file, and the part of the model where it can.
  public static func read(_ path: String) throws -> NamedModel {
    try read(path, verifiesChecksums: false).model
  }

  /// Reads all external data that the model in the file `path` has checksums of, and compares.
  ///
  /// - Returns: all files of external data.
  /// - Throws: `ModelError` as `read` does, and for a file with another checksum.
  public static func verifyExternalData(of path: String) throws -> [ExternalDataFile] {
    try read(path, verifiesChecksums: true).files
  }

  private static func read(
    _ path: String, verifiesChecksums: Bool
  ) throws -> (model: NamedModel, files: [ExternalDataFile]) {
    do {
      let file = try MappedFile(path: path)
      return try file.withUnsafeBytes { bytes in
        var decoder = ModelDecoder(
          .file(file), folder: FilePath.folder(of: path), verifiesChecksums: verifiesChecksums)
        let model = try decode(bytes, with: &decoder)
        return (model, decoder.externalData.summary)
      }
    } catch {
      throw ModelError(wrapping: error, file: path)
    }
  }

  /// Reads a model from memory. Without a `folder`, external data is refused.
  public static func decode(_ bytes: [UInt8], folder: String? = nil) throws -> NamedModel {
    do {
      var decoder = ModelDecoder(.memory, folder: folder)
      return try bytes.withUnsafeBytes { try decode($0, with: &decoder) }
    } catch {
      throw ModelError(wrapping: error, file: nil)
    }
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, with decoder: inout ModelDecoder
  ) throws -> NamedModel {
    guard !bytes.isEmpty else { throw DecodingFailure("the file is empty") }
    do {
      return try decoder.model(WireReader(bytes))
    } catch {
      throw DecodingFailure.ofForeignFormat(bytes) ?? error
    }
  }
}

// MARK: Writing

extension ONNXFormat {
  /// The whole model as one file's bytes.
  ///
  /// - Throws: `ModelError` where they reach 2 GiB.
  public static func encode(_ model: NamedModel) throws -> [UInt8] {
    try encode(model, EmbeddedPlacement()).joined()
  }

  /// The model as bytes that refer to weights where they already are: initializers of at least
  /// `minimumByteCount` that are mapped from a file below `folder` become external data at their place there.
  ///
  /// A runtime that is given `folder` creates a session without any weight being copied. The bytes are valid
  /// for as long as those files are.
  public static func encodeSkeleton(
    _ model: NamedModel, folder: String, minimumByteCount: Int = smallestExternalByteCount
  ) throws -> [UInt8] {
    guard let placement = OriginalPlacement(folder: folder, minimumByteCount: minimumByteCount) else {
      throw ModelError("no such folder", file: folder)
    }
    return try encode(model, placement).joined()
  }

  private static func encode(_ model: NamedModel, _ placement: some TensorPlacement) throws -> WireWriter {
    var encoder = ModelEncoder(placement: placement)
    encoder.encode(model)
    try encoder.writer.requireByteCount(atMost: maximumFileByteCount)
    return encoder.writer
  }
}
