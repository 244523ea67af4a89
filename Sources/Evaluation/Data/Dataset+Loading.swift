import Foundation
import TensorCore

extension Dataset {
  /// Reads a data set:
  /// - `.npz`: arrays named as the model's inputs, and optionally `labels`;
  /// - `.npy`: one array, for a model with one input;
  /// - `.csv`: a table with a header, as `CSVTable` tells;
  /// - a folder of `.npy` files, named as the arrays of an `.npz` file;
  /// - an ONNX test folder, with `input_0.pb` … in it or in folders `test_data_set_0` …, whose samples are joined.
  ///
  /// - Parameters:
  ///   - inputs: of the model; tables have no types, so that theirs decide.
  ///   - labelColumn: the name of a table's labels, where it is neither `labels` nor `label`.
  /// - Throws: `DatasetError`, or `FileError` where the file cannot be read.
  public static func load(
    _ path: String, for inputs: [ValueSignature] = [], labelColumn: String? = nil
  ) throws -> Dataset {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return try load(folder: path)
    }
    let file = try MappedFile(path: path)
    do {
      if isTable(path) { return try CSVTable.load(file, for: inputs, labelColumn: labelColumn) }
      return try (path.hasSuffix(".npy") ? load(npy: file) : load(npz: file)).loaded(from: path)
    } catch let error as DatasetError {
      throw error.concerning(file: path)
    } catch let error as TensorError {
      throw DatasetError(error.description, file: path)
    }
  }

  /// Whether the name is that of comma-separated values.
  public static func isTable(_ path: String) -> Bool { path.lowercased().hasSuffix(".csv") }

  private static func load(folder path: String) throws -> Dataset {
    if let dataset = try TestFolder.load(path) ?? NumpyFolder.load(path) { return dataset }
    throw DatasetError(
      "holds neither .npy files, nor 'input_0.pb', nor a folder 'test_data_set_0' with one", file: path)
  }

  private static func load(npy file: MappedFile) throws -> Dataset {
    let array = try NumpyArray.read(file, range: 0..<file.byteCount)
    return try Dataset(source: file.path, columns: [Column("", array)])
  }

  private static func load(npz file: MappedFile) throws -> Dataset {
    let archive = try ZipArchive(file)
    let arrays = try archive.entries.filter { $0.name.hasSuffix(".npy") }.map { entry in
      let name = String(entry.name.dropLast(4))
      return Column(name, try read(entry, of: archive, name: name))
    }
    return try Dataset(source: file.path, arrays: arrays)
  }

  /// Of arrays of which one may be `labels`.
  init(source: String, arrays: [Column]) throws {
    let columns = arrays.filter { $0.name != "labels" }
    guard !columns.isEmpty else { throw DatasetError("holds no array besides labels", file: source) }
    try self.init(
      source: source, columns: columns, labels: arrays.first { $0.name == "labels" }?.values)
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
