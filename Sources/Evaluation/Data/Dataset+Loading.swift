import Foundation
import TensorCore

extension Dataset {
  /// Reads a data set:
  /// - `.npz`: arrays named as the model's inputs, and optionally `labels`;
  /// - `.npy`: one array, for a model with one input;
  /// - a folder: an ONNX test folder, with `input_0.pb` … in it or in folders `test_data_set_0` …, whose
  ///   samples are joined.
  /// - Throws: `DatasetError`, or `FileError` where the file cannot be read.
  public static func load(_ path: String) throws -> Dataset {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return try TestFolder.load(path)
    }
    let file = try MappedFile(path: path)
    do {
      return try (path.hasSuffix(".npy") ? load(npy: file) : load(npz: file)).loaded(from: path)
    } catch let error as DatasetError {
      throw error.concerning(file: path)
    } catch let error as TensorError {
      throw DatasetError(error.description, file: path)
    }
  }

  private static func load(npy file: MappedFile) throws -> Dataset {
    let array = try NumpyArray.read(file, range: 0..<file.byteCount)
    return try Dataset(source: file.path, columns: [Column("", array)])
  }

  private static func load(npz file: MappedFile) throws -> Dataset {
    let archive = try ZipArchive(file)
    var columns: [Column] = []
    var labels: Tensor?
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else { continue }
      let name = String(entry.name.dropLast(4))
      let array = try read(entry, of: archive, name: name)
      if name == "labels" { labels = array } else { columns.append(Column(name, array)) }
    }
    guard !columns.isEmpty else { throw DatasetError("holds no array besides labels") }
    return try Dataset(source: file.path, columns: columns, labels: labels)
  }

  private static func read(
    _ entry: ZipArchive.Entry, of archive: ZipArchive, name: String
  ) throws -> Tensor {
    do {
      guard let range = try archive.storedRange(of: entry) else {
        return try NumpyArray.read(archive, deflated: entry)
      }
      return try NumpyArray.read(archive.file, range: range)
    } catch let error as DatasetError {
      throw error.concerning(file: archive.file.path, array: name)
    } catch let error as TensorError {
      throw DatasetError(error.description, array: name)
    }
  }

  /// What a data set beside a model is for.
  public enum Purpose: String, Sendable, CaseIterable {
    /// Measuring accuracy.
    case evaluation = "eval"
    /// Ranges and repairs, never accuracy.
    case calibration = "calib"
  }

  /// The data set that lies beside a model: `m.eval.npz` for the model `m.onnx`, else `eval.npz`.
  public static func find(_ purpose: Purpose, besideModel path: String) -> String? {
    let model = URL(filePath: path)
    let folder = model.deletingLastPathComponent()
    let stem = model.deletingPathExtension().lastPathComponent
    return ["\(stem).\(purpose.rawValue).npz", "\(purpose.rawValue).npz"]
      .map { folder.appending(path: $0).path }
      .first { FileManager.default.isReadableFile(atPath: $0) }
  }
}
