import Foundation
import GraphIR
import TensorCore
import Testing

@testable import ONNXFormat

@Suite struct ExternalDataTests {
  @Test func dataIsFoundBelowTheFolder() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: false)
    try folder.write([9, 0, 0, 0x80, 0x3F, 9], to: "sub/w.bin")
    try folder.write(model(location: "sub/w.bin", offset: "1", length: "4"), to: "m.onnx")
    let tensor = try ONNXFormat.read(folder.file("m.onnx")).graph.initializers[0].tensor
    #expect(try tensor.doubles() == [1])
    #expect(tensor.storage.fileRange?.range == 1..<5)
  }

  @Test func filesAreMappedOnce() throws {
    let folder = try TemporaryFolder()
    var data = ExternalData(folder: folder.path)
    try folder.write([1, 2, 3, 4], to: "w.bin")
    let entries = [MetadataEntry(key: "location", value: "w.bin")]
    let first = try data.storage(entries, byteCount: 4).mapping?.file
    let second = try data.storage(entries, byteCount: 2).mapping?.file
    #expect(first != nil)
    #expect(first === second)
  }

  @Test(arguments: [
    ("", "0", "4", "external data without a location"),
    ("/etc/passwd", "0", "4", "external data /etc/passwd lies outside the model's folder"),
    ("../w.bin", "0", "4", "external data ../w.bin lies outside"),
    ("sub/../../w.bin", "0", "4", "lies outside"),
    ("w.bin\0.txt", "0", "4", "lies outside"),
    ("link.bin", "0", "4", "external data link.bin lies outside"),
    ("none.bin", "0", "4", "external data none.bin is missing"),
    ("folder", "0", "4", "external data folder: is not a regular file"),
    ("w.bin", "2", "4", "external data w.bin ends at byte 4, needed are 4 from 2"),
    ("w.bin", "9223372036854775807", "4", "ends at byte 4"),
    ("w.bin", "-1", "4", "external data with the offset -1"),
    ("w.bin", "99999999999999999999", "4", "external data with the offset"),
    ("w.bin", "0", "3", "4 bytes expected, 3 in external data w.bin"),
  ])
  func badReferencesAreRefused(location: String, offset: String, length: String, expected: String) throws {
    let folder = try TemporaryFolder()
    let outside = try TemporaryFolder()
    try folder.write([1, 2, 3, 4], to: "w.bin")
    try outside.write([1, 2, 3, 4], to: "secret.bin")
    try FileManager.default.createDirectory(atPath: folder.file("folder"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link.bin"), withDestinationPath: outside.file("secret.bin"))
    try folder.write(model(location: location, offset: offset, length: length), to: "m.onnx")
    let message = messageOfError { _ = try ONNXFormat.read(folder.file("m.onnx")) }
    #expect(message.hasPrefix("\(folder.file("m.onnx")): tensor w: "))
    #expect(message.contains(expected), "\(message)")
  }

  @Test func memoryHasNoFolder() {
    let message = messageOfError {
      _ = try ONNXFormat.decode(model(location: "w.bin", offset: "0", length: "4"))
    }
    #expect(message == "tensor w: external data w.bin in a model without a folder")
  }

  /// A model whose tensor `w` is one float in `location`.
  private func model(location: String, offset: String, length: String) -> [UInt8] {
    modelBytes { writer in
      writer.int(TensorField.dimensions, 1)
      writer.int(TensorField.elementType, 1)
      writer.string(TensorField.name, "w")
      for (key, value) in [("location", location), ("offset", offset), ("length", length)] {
        let entry = writer.begin(TensorField.externalData)
        writer.string(MetadataField.key, key)
        writer.string(MetadataField.value, value)
        writer.end(entry)
      }
      writer.int(TensorField.dataLocation, 1)
    }
  }
}
