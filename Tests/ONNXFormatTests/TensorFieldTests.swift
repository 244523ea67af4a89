import GraphIR
import TensorCore
import Testing

@testable import ONNXFormat

@Suite struct TensorFieldTests {
  /// Elements in the number fields, and the same elements as `raw_data` holds them.
  @Test(arguments: [
    (ElementType.int32, 2, [1, -2] as [Int64], [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF] as [UInt8]),
    (.int8, 2, [-1, 3], [0xFF, 3]),
    (.uint8, 2, [255, 256], [255, 0]),
    (.bool, 3, [0, 1, 2], [0, 1, 1]),
    (.float16, 1, [0x3C00], [0, 0x3C]),
    (.bfloat16, 1, [0x3F80], [0x80, 0x3F]),
    (.float8E4M3FN, 2, [0x38, 0xC0], [0x38, 0xC0]),
    (.uint4, 3, [0x21, 0x03], [0x21, 0x03]),
    (.int4, 2, [0xF1], [0xF1]),
    (.float4E2M1, 4, [0x21, 0x43], [0x21, 0x43]),
    (.uint2, 5, [0b1110_0100, 1], [0b1110_0100, 1]),
    (.float6E2M3, 5, [1, 2, 3, 63, 5], [0x81, 0x30, 0xFC, 5]),
  ])
  func int32DataIsPacked(type: ElementType, count: Int, numbers: [Int64], expected: [UInt8]) throws {
    try expectBytes(expected, type, count) { $0.packed(TensorField.int32Data, numbers) }
    try expectBytes(expected, type, count) { writer in
      for number in numbers { writer.int(TensorField.int32Data, number) }
    }
  }

  @Test func wideIntegersHaveFieldsOfTheirOwn() throws {
    try expectBytes([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .int64, 1) {
      $0.packed(TensorField.int64Data, [-1])
    }
    try expectBytes([2, 0, 0, 0, 0, 0, 0, 0x80], .uint64, 1) { $0.packed(TensorField.uint64Data, [.min + 2]) }
    try expectBytes([0xFF, 0xFF, 0xFF, 0xFF], .uint32, 1) { $0.packed(TensorField.uint64Data, [0xFFFF_FFFF]) }
  }

  @Test func fixedWidthNumbersAreTakenAsTheyAre() throws {
    try expectBytes([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], .complex64, 1) {
      $0.bytes(TensorField.floatData, [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
    }
    try expectBytes([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], .float32, 2) {
      $0.float(TensorField.floatData, 1)
      $0.float(TensorField.floatData, 2)
    }
    try expectBytes([0, 0, 0, 0, 0, 0, 0xF0, 0x3F], .float64, 1) {
      $0.bytes(TensorField.doubleData, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    }
  }

  @Test func stringsNeedNotBeText() throws {
    let model = try ONNXFormat.decode(
      modelBytes { writer in
        writer.int(TensorField.dimensions, 2)
        writer.int(TensorField.elementType, 8)
        writer.bytes(TensorField.stringData, [0xFF])
        writer.bytes(TensorField.stringData, [])
      })
    #expect(model.graph.initializers[0].tensor.storage.strings == [ByteString(bytes: [0xFF]), ""])
  }

  @Test func emptyTensorsNeedNoData() throws {
    try expectBytes([], .float32, 0) { _ in }
  }

  @Test(arguments: ElementType.allCases)
  func everyElementTypeSurvives(type: ElementType) throws {
    let tensor =
      type == .string
      ? try Tensor(strings: ["a", "", "c", "d", "e"])
      : try Tensor(type, [5]) { bytes in for index in bytes.indices { bytes[index] = UInt8(index + 1) } }
    var model = try additionModel()
    model.graph.initializers = [NamedTensor(tensor, name: "w")]
    let decoded = try ONNXFormat.decode(ONNXFormat.encode(model))
    #expect(decoded.graph.initializers[0].tensor.isIdentical(to: tensor))
  }

  private func expectBytes(
    _ expected: [UInt8], _ type: ElementType, _ count: Int, sourceLocation: SourceLocation = #_sourceLocation,
    _ data: (inout WireWriter) -> Void
  ) throws {
    let model = try ONNXFormat.decode(
      modelBytes { writer in
        writer.int(TensorField.dimensions, Int64(count))
        writer.int(TensorField.elementType, Int64(type.rawValue))
        data(&writer)
      })
    let found = model.graph.initializers[0].tensor.withUnsafeBytes { [UInt8]($0) }
    #expect(found == expected, sourceLocation: sourceLocation)
  }
}

extension WireWriter {
  fileprivate mutating func packed(_ field: TensorField, _ numbers: [Int64]) {
    var packed = WireWriter()
    for number in numbers { packed.varint(UInt64(bitPattern: number)) }
    bytes(field, packed.joined())
  }
}
