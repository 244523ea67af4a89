import Foundation
import TensorCore

/// A folder of `.npy` files: each is the array that its name says.
enum NumpyFolder {
  /// Nil where the folder holds none.
  static func load(_ path: String) throws -> Dataset? {
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasSuffix(".npy") && !$0.hasPrefix(".") }.sorted()
    guard !names.isEmpty else { return nil }
    let arrays = try names.map { name in
      let file = try MappedFile(path: FilePath.joining(path, name))
      do {
        return Dataset.Column(
          String(name.dropLast(4)), try NumpyArray.read(file, range: 0..<file.byteCount))
      } catch let error as DatasetError {
        throw error.concerning(file: file.path)
      } catch let error as TensorError {
        throw DatasetError(error.description, file: file.path)
      }
    }
    return try Dataset(source: path, arrays: arrays).loaded(from: path)
  }
}
