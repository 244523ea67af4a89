import Foundation
import GraphIR
import TensorCore
import Testing

@testable import ONNXFormat

@Suite struct WritingTests {
  @Test func weightsAreMappedNotCopied() throws {
    let folder = try TemporaryFolder()
    try ONNXFormat.write(additionModel(), to: folder.file("m.onnx"), overwriting: false)
    let storage = try ONNXFormat.read(folder.file("m.onnx")).graph.initializers[0].tensor.storage
    let range = try #require(storage.fileRange?.range)
    #expect(try folder.bytes(of: "m.onnx")[range] == [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40])
  }

  @Test func aModelCanReplaceTheFileItCameFrom() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.onnx")
    try ONNXFormat.write(modelWithLargeWeights(), to: path, overwriting: false)
    let before = try folder.bytes(of: "m.onnx")
    try ONNXFormat.write(ONNXFormat.read(path), to: path, overwriting: true)
    #expect(try folder.bytes(of: "m.onnx") == before)
    #expect(folder.names == ["m.onnx"])
  }

  @Test func nothingIsReplacedUnasked() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "m.onnx")
    let message = messageOfError {
      try ONNXFormat.write(additionModel(), to: folder.file("m.onnx"), overwriting: false)
    }
    #expect(message == "\(folder.file("m.onnx")): already exists")
    #expect(try folder.bytes(of: "m.onnx") == [1])
    #expect(folder.names == ["m.onnx"])
  }

  @Test func anExistingDataFileIsNotReplacedUnasked() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "m.onnx.data")
    let message = messageOfError {
      try ONNXFormat.write(
        additionModel(), to: folder.file("m.onnx"), overwriting: false,
        externalData: .always(minimumByteCount: 1))
    }
    #expect(message == "\(folder.file("m.onnx.data")): already exists")
    #expect(folder.names == ["m.onnx.data"])
  }

  @Test func missingFoldersAreNamed() {
    let message = messageOfError {
      try ONNXFormat.write(additionModel(), to: "/nowhere/m.onnx", overwriting: false)
    }
    #expect(message == "/nowhere/m.onnx: no such file or directory")
  }

  @Test func whatIsTooLargeForOneFileGoesBesideIt() throws {
    let folder = try TemporaryFolder()
    let model = try modelWithLargeWeights()
    try ONNXFormat.write(model, to: folder.file("m.onnx"), overwriting: false, maximumByteCount: 10_000)
    #expect(folder.names == ["m.onnx", "m.onnx.data"])
    #expect(try folder.bytes(of: "m.onnx").count < 1000)
    let decoded = try ONNXFormat.read(folder.file("m.onnx")).graph.initializers
    for (found, expected) in zip(decoded, model.graph.initializers) {
      #expect(found.tensor.isIdentical(to: expected.tensor))
    }
    // Small data stays, shared data is written once, large data starts on a page.
    let offsets = decoded.map { $0.tensor.storage.fileRange.map(\.range.lowerBound) }
    #expect(decoded[0].tensor.storage.fileRange?.path == folder.file("m.onnx"))
    #expect(offsets[1...] == [0, 4096, 4096])
  }

  @Test func dataThatMustNotLeaveHasALimit() throws {
    let folder = try TemporaryFolder()
    let message = messageOfError {
      try ONNXFormat.write(
        modelWithLargeWeights(), to: folder.file("m.onnx"), overwriting: false, externalData: .never,
        maximumByteCount: 10_000)
    }
    #expect(message.contains("10000 are possible"))
    #expect(folder.names.isEmpty)
  }

  @Test func externalDataCanReplaceItself() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.onnx")
    let always = ExternalDataPolicy.always(minimumByteCount: 1)
    try ONNXFormat.write(modelWithLargeWeights(), to: path, overwriting: false, externalData: always)
    let before = try folder.bytes(of: "m.onnx.data")
    try ONNXFormat.write(ONNXFormat.read(path), to: path, overwriting: true, externalData: always)
    #expect(try folder.bytes(of: "m.onnx.data") == before)
  }

  // MARK: Sharing

  @Test func sharedWeightsStayWhereTheyAre() throws {
    let folder = try TemporaryFolder()
    try ONNXFormat.write(modelWithLargeWeights(), to: folder.file("m.onnx"), overwriting: false)
    let before = try folder.bytes(of: "m.onnx")
    let model = try ONNXFormat.read(folder.file("m.onnx"))
    try ONNXFormat.write(model, to: folder.file("n.onnx"), overwriting: false, externalData: .shared)
    #expect(folder.names == ["m.onnx", "n.onnx"])
    #expect(try folder.bytes(of: "n.onnx").count < 1000)
    #expect(try folder.bytes(of: "m.onnx") == before)
    let decoded = try ONNXFormat.read(folder.file("n.onnx")).graph.initializers
    #expect(decoded[2].tensor.storage.fileRange?.path == folder.file("m.onnx"))
    for (found, expected) in zip(decoded, model.graph.initializers) {
      #expect(found.tensor.isIdentical(to: expected.tensor))
    }
  }

  @Test func weightsElsewhereAreNotShared() throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    try ONNXFormat.write(modelWithLargeWeights(), to: folder.file("m.onnx"), overwriting: false)
    let model = try ONNXFormat.read(folder.file("m.onnx"))
    try ONNXFormat.write(model, to: other.file("m.onnx"), overwriting: false, externalData: .shared)
    #expect(try other.bytes(of: "m.onnx") == folder.bytes(of: "m.onnx"))
  }

  @Test func aModelDoesNotShareWithTheFileThatItReplaces() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.onnx")
    try ONNXFormat.write(modelWithLargeWeights(), to: path, overwriting: false)
    let before = try folder.bytes(of: "m.onnx")
    try ONNXFormat.write(ONNXFormat.read(path), to: path, overwriting: true, externalData: .shared)
    #expect(try folder.bytes(of: "m.onnx") == before)
  }

  @Test func sharingLeavesDataFilesAlone() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.onnx")
    try ONNXFormat.write(
      modelWithLargeWeights(), to: path, overwriting: false, externalData: .always(minimumByteCount: 1024))
    let data = try folder.bytes(of: "m.onnx.data")
    let model = try ONNXFormat.read(path)
    try ONNXFormat.write(model, to: path, overwriting: true, externalData: .shared)
    #expect(try folder.bytes(of: "m.onnx.data") == data)
    #expect(try ONNXFormat.read(path).graph.initializers[2].tensor.storage.fileRange?.path == path + ".data")
  }

  /// Long messages move up when their length is put in: references to data must move along.
  @Test func largeDataKeepsItsPlaceAmongTheBytes() throws {
    let model = try modelWithLargeWeights()
    let decoded = try ONNXFormat.decode(ONNXFormat.encode(model))
    for (found, expected) in zip(decoded.graph.initializers, model.graph.initializers) {
      #expect(found.name == expected.name)
      #expect(found.tensor.isIdentical(to: expected.tensor))
    }
  }

  @Test func skeletonsReferToTheOriginalFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.onnx")
    try ONNXFormat.write(modelWithLargeWeights(), to: path, overwriting: false)
    var model = try ONNXFormat.read(path)
    model.graph.initializers.append(
      NamedTensor(try Tensor(float32: Array(repeating: 2, count: 500)), name: "new"))
    let skeleton = try ONNXFormat.encodeSkeleton(model, folder: folder.path)
    #expect(skeleton.count < 4000)
    let decoded = try ONNXFormat.decode(skeleton, folder: folder.path).graph.initializers
    #expect(decoded[2].tensor.storage.fileRange?.path == path)
    #expect(
      decoded[2].tensor.storage.fileRange?.range
        == model.graph.initializers[2].tensor.storage.fileRange?.range)
    #expect(decoded[4].tensor.storage.fileRange == nil)
    for (found, expected) in zip(decoded, model.graph.initializers) {
      #expect(found.tensor.isIdentical(to: expected.tensor))
    }
  }

  @Test func skeletonsDoNotReferToReplacedFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.onnx")
    try ONNXFormat.write(modelWithLargeWeights(), to: path, overwriting: false)
    let model = try ONNXFormat.read(path)
    try ONNXFormat.write(additionModel(), to: path, overwriting: true)
    let skeleton = try ONNXFormat.encodeSkeleton(model, folder: folder.path)
    #expect(try skeleton == ONNXFormat.encode(model))
  }

  /// Weights below and above the sizes from which they are referred to, put outside, and aligned to pages.
  private func modelWithLargeWeights() throws -> NamedModel {
    var model = try additionModel()
    let medium = try Tensor(float32: (0..<500).map(Float.init))
    let large = try Tensor(float32: (0..<20_000).map(Float.init))
    model.graph.initializers += [
      NamedTensor(medium, name: "medium"), NamedTensor(large, name: "large"),
      NamedTensor(large, name: "shared"),
    ]
    return model
  }
}
