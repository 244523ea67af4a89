import Foundation
import ONNXFormat
import TensorCore

/// A folder of ONNX's test suite: `input_0.pb`, `input_1.pb` … hold the inputs of one run, in the folder
/// itself or in folders `test_data_set_0` … below it.
enum TestFolder {
  /// The runs' samples, joined; columns are named as the tensors are, or not at all where these have no names.
  static func load(_ path: String) throws -> Dataset {
    let sets = try folders(of: path).map { try inputs(in: $0) }
    guard let first = sets.first, !first.isEmpty else {
      throw DatasetError("holds no 'input_0.pb', nor a folder 'test_data_set_0' with one", file: path)
    }
    let columns = try first.indices.map { index in
      let tensors = sets.compactMap { $0.count == first.count ? $0[index].values : nil }
      guard tensors.count == sets.count else {
        throw DatasetError("its data sets have different numbers of inputs", file: path)
      }
      return Dataset.Column(first[index].name, try joined(tensors, name: first[index].name, path: path))
    }
    return try Dataset(source: path, columns: columns).loaded(from: path)
  }

  private static func folders(of path: String) throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasPrefix("test_data_set_") }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    return names.isEmpty ? [path] : names.map { FilePath.joining(path, $0) }
  }

  private static func inputs(in folder: String) throws -> [Dataset.Column] {
    var columns: [Dataset.Column] = []
    while true {
      let path = FilePath.joining(folder, "input_\(columns.count).pb")
      guard FileManager.default.fileExists(atPath: path) else { return columns }
      columns.append(try tensor(path))
    }
  }

  /// A tensor's message, read as the one initializer of an otherwise empty model.
  private static func tensor(_ path: String) throws -> Dataset.Column {
    let file = try MappedFile(path: path)
    let contents = file.withUnsafeBytes { Array($0) }
    let initializerField: UInt8 = 5 << 3 | 2
    let graphField: UInt8 = 7 << 3 | 2
    let graph = [initializerField] + varint(contents.count) + contents
    do {
      let model = try ONNXFormat.decode([graphField] + varint(graph.count) + graph)
      guard let tensor = model.graph.initializers.first else { throw DatasetError("holds no tensor") }
      return Dataset.Column(tensor.name, tensor.tensor)
    } catch {
      throw DatasetError("is no tensor: \(error)", file: path)
    }
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func joined(_ tensors: [Tensor], name: String, path: String) throws -> Tensor {
    guard let first = tensors.first, tensors.count > 1 else { return tensors[0] }
    for tensor in tensors
    where tensor.rank == 0 || tensor.elementType != first.elementType
      || tensor.dimensions.dropFirst() != first.dimensions.dropFirst()
    {
      throw DatasetError("is \(tensor.type) and \(first.type) in two data sets", array: name, file: path)
    }
    let dimensions = [tensors.reduce(0) { $0 + $1.dimensions[0] }] + first.dimensions.dropFirst()
    if first.elementType == .string {
      return try Tensor(strings: tensors.flatMap { $0.storage.strings ?? [] }, dimensions)
    }
    let bytes = tensors.reduce(into: [UInt8]()) { bytes, tensor in tensor.withUnsafeBytes { bytes += $0 } }
    return try Tensor(first.elementType, elements: bytes, dimensions)
  }
}
