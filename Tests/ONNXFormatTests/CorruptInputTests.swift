import GraphIR
import TensorCore
import Testing

@testable import ONNXFormat

@Suite struct CorruptInputTests {
  @Test func everyTruncationDecodesOrThrows() throws {
    let bytes = try ONNXFormat.encode(fullModel())
    var refused = 0
    for count in bytes.indices where (try? ONNXFormat.decode(Array(bytes[..<count]))) == nil { refused += 1 }
    #expect(refused > bytes.count * 9 / 10)
  }

  @Test(arguments: 0..<8)
  func everyDamageDecodesOrThrows(seed: UInt64) throws {
    let bytes = try ONNXFormat.encode(fullModel())
    var random = SplitMix(state: seed)
    for _ in 0..<500 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let model = try? ONNXFormat.decode(damaged) { _ = try ONNXFormat.encode(model) }
    }
  }

  @Test(
    arguments: [
      ([], "the file is empty"),
      ([0x12], "no valid ONNX model: the data ends within a field at byte 1"),
      ([0x08, 0x80], "no valid ONNX model: the data ends within a field at byte 1"),
      (
        [0x08] + [UInt8](repeating: 0xFF, count: 10),
        "no valid ONNX model: a number takes more than 64 bits at byte 1"
      ),
      ([0x08, 10], "no valid ONNX model: no graph in it"),
      ([0x3A, 0x7F, 0x00], "no valid ONNX model: field 7 claims 127 bytes where 1 are left at byte 0"),
      (
        [0x3A] + [UInt8](repeating: 0xFF, count: 9) + [1],
        "field 7 claims 18446744073709551615 bytes where 0 are left"
      ),
      ([0x38, 0x00], "field 7 is encoded as varint where bytes is expected at byte 0"),
      ([0x00, 0x00], "no valid field at byte 0"),
      ([0x0F, 0x00], "no valid field at byte 0"),
      ([0x4C], "a group ends that was not begun"),
      ([0x4B, 0x4B, 0x4C], "a group does not end at byte 0"),
      ([0x3A, 0, 0x3A, 0], "a second main graph"),
      ([0x89] + Array("PNG\r\n".utf8), "no ONNX model: the file is a PNG picture"),
      ([0x20, 0, 0, 0] + Array("TFL3".utf8), "no ONNX model: the file is a TensorFlow Lite model"),
      ([0x12, 1, 0xFF], "field 2 is not UTF-8 text"),
    ] as [([UInt8], String)])
  func brokenMessagesAreExplained(bytes: [UInt8], expected: String) {
    #expect(messageOfError { _ = try ONNXFormat.decode(bytes) }.contains(expected))
  }

  @Test func nestingIsLimited() {
    var graph: [UInt8] = []
    for _ in 0..<200 {
      graph = nested(GraphField.node, nested(NodeField.attribute, nested(AttributeField.graph, graph)))
    }
    let message = messageOfError { _ = try ONNXFormat.decode(nested(ModelField.graph, graph)) }
    #expect(message.contains("messages are nested more than 100 deep"))
  }

  @Test func nestedGroupsAreLimited() {
    let bytes = [UInt8](repeating: 0x4B, count: 100_000)
    #expect(messageOfError { _ = try ONNXFormat.decode(bytes) }.contains("a group does not end"))
  }

  /// What is wrong with a tensor, and what the message says after its name.
  @Test(
    arguments: [
      ([1 << 40], 1, "float[1099511627776] needs 4398046511104 bytes, 4 found"),
      ([1 << 62, 4], 1, "is no shape"),
      ([-1], 1, "[-1] is no shape"),
      ([.max], 1, "too large"),
      ([2], 1, "float[2] needs 8 bytes, 4 found"),
      ([1], 0, "no element type"),
      ([1], 99, "unknown element type 99"),
      ([1], 1 << 32 + 1, "unknown element type"),
      ([1], 8, "strings stand in string_data only"),
    ] as [([Int64], Int64, String)])
  func tensorsThatContradictThemselvesAreRefused(sizes: [Int64], type: Int64, expected: String) {
    let message = messageOfError {
      _ = try ONNXFormat.decode(
        modelBytes { writer in
          for size in sizes { writer.int(TensorField.dimensions, size) }
          writer.int(TensorField.elementType, type)
          writer.string(TensorField.name, "w")
          writer.bytes(TensorField.rawData, [0, 0, 0x80, 0x3F])
        })
    }
    #expect(message.hasPrefix("tensor w: "))
    #expect(message.contains(expected), "\(message)")
  }

  @Test func numbersOfHugeTensorsAreCountedBeforeMemoryIsTaken() {
    let message = messageOfError {
      _ = try ONNXFormat.decode(
        modelBytes { writer in
          writer.int(TensorField.dimensions, 1 << 40)
          writer.int(TensorField.elementType, 7)
          writer.bytes(TensorField.int64Data, [1, 2])
        })
    }
    #expect(message == "initializer 0: 1099511627776 numbers expected in int64_data, 2 found")
  }

  @Test func segmentsAndForeignFieldsAreRefused() {
    let segment = messageOfError {
      _ = try ONNXFormat.decode(modelBytes { $0.bytes(TensorField.segment, [0x08, 0]) })
    }
    #expect(segment.contains("tensors in segments are not supported"))
    let foreign = messageOfError {
      _ = try ONNXFormat.decode(
        modelBytes { writer in
          writer.int(TensorField.dimensions, 1)
          writer.int(TensorField.elementType, 1)
          writer.bytes(TensorField.int64Data, [1])
        })
    }
    #expect(foreign.contains("float data does not belong in int64_data"))
  }

  @Test func errorsNameTheNode() throws {
    var model = try additionModel()
    let tensor = NamedTensor(try Tensor(int64: [1]), name: "t")
    var body = NamedGraph(name: "body")
    body.nodes = [
      NamedNode(
        OperatorName("Constant"), inputs: [], outputs: ["c"], attributes: [.init("value", .tensor(tensor))])
    ]
    model.graph.nodes = [
      NamedNode(
        OperatorName("If"), name: "branch", inputs: ["x"], outputs: ["y"],
        attributes: [.init("then_branch", .graph(body))])
    ]
    var bytes = try ONNXFormat.encode(model)
    // The element type of the constant.
    let type = try #require(bytes.firstRange(of: [0x08, 1, 0x10, 7, 0x42]))
    bytes[type.lowerBound + 3] = 99
    let error = #expect(throws: ModelError.self) { try ONNXFormat.decode(bytes) }
    #expect(error?.node == "branch (If) > attribute then_branch > #0 (Constant)")
    #expect(error?.message == "attribute value: tensor t: unknown element type 99")
  }

  private func nested(_ field: some FieldNumber, _ content: [UInt8]) -> [UInt8] {
    var writer = WireWriter()
    writer.bytes(field, content)
    return writer.joined()
  }
}

/// Reproducible random numbers (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
