import GraphIR
import TensorCore
import Testing

@testable import ONNXFormat

@Suite struct RoundTripTests {
  /// What the Protocol Buffers library writes for the same model, byte for byte.
  @Test func fieldsAreWrittenInCanonicalOrder() throws {
    let node = field(1, text(1, "x") + text(1, "w") + text(2, "y") + text(3, "sum") + text(4, "Add"))
    let numbers: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40]
    let weights = field(5, [0x08, 3, 0x10, 1] + text(8, "w") + field(9, numbers))
    let shape = field(2, field(1, text(2, "N")) + field(1, [0x08, 3]))
    let type = field(2, field(1, [0x08, 1] + shape))
    let values = field(11, text(1, "x") + type) + field(12, text(1, "y") + type)
    let graph = field(7, node + text(2, "add") + weights + values)
    let opset = field(8, text(1, "") + [0x10, 21])
    #expect(try ONNXFormat.encode(additionModel()) == [0x08, 10] + graph + opset)
  }

  @Test func everySlotSurvives() throws {
    let bytes = try ONNXFormat.encode(fullModel())
    let decoded = try ONNXFormat.decode(bytes)
    #expect(try ONNXFormat.encode(decoded) == bytes)
    let expected = try fullModel()
    #expect(decoded.header.annotations == expected.header.annotations)
    #expect(decoded.header.opsetImports == expected.header.opsetImports)
    #expect(decoded.header.trainingInfo == expected.header.trainingInfo)
    #expect(decoded.graph.valueTypes.map(\.type) == expected.graph.valueTypes.map(\.type))
    #expect(decoded.graph.nodes[1].op == expected.graph.nodes[1].op)
    #expect(decoded.graph.nodes[1].inputs == ["", "x", ""])
    #expect(
      decoded.graph.nodes[1].attributes.map(\.value.kind)
        == expected.graph.nodes[1].attributes.map(\.value.kind))
    #expect(decoded.graph.nodes[1].attributes[8].value.ints == [.min, 0, .max])
    #expect(decoded.functions[0].defaultedAttributes[0].value.float == 0.5)
    #expect(decoded.graph.sparseInitializers[0].dimensions == [2, 2])
    #expect(decoded.graph.quantizationAnnotations == expected.graph.quantizationAnnotations)
  }

  @Test func repeatedNumbersMayBePacked() throws {
    var writer = WireWriter()
    let graph = writer.begin(ModelField.graph)
    let node = writer.begin(GraphField.node)
    let attribute = writer.begin(NodeField.attribute)
    writer.bytes(AttributeField.ints, [1, 0x80, 0x01])
    writer.int(AttributeField.ints, 5)
    writer.end(attribute)
    writer.end(node)
    writer.end(graph)
    let decoded = try ONNXFormat.decode(writer.joined())
    #expect(decoded.graph.nodes[0].attributes[0].value.ints == [1, 128, 5])
  }

  @Test(arguments: [
    ("N", Dimension.symbol("N")), ("", .unknown), ("batch size", .symbol("batch size")), ("3", .symbol("3")),
    ("2*N+1", DimensionExpression(parsing: "2*N+1").map(Dimension.symbolic) ?? .unknown),
    ("N*2", .symbol("N*2")),
  ])
  func dimensionTextBecomesASize(text: String, size: Dimension) throws {
    var writer = WireWriter()
    let tensor = writer.begin(TypeField.tensor)
    writer.int(TensorTypeField.elementType, 1)
    let shape = writer.begin(TensorTypeField.shape)
    let dimension = writer.begin(ShapeField.dimension)
    writer.string(DimensionField.parameter, text)
    writer.end(dimension)
    writer.end(shape)
    writer.end(tensor)
    #expect(try decodedType(writer.joined())?.type == .tensor(.float32, [size]))
  }

  @Test func negativeSizesAreUnknown() throws {
    let type = try decodedType(
      [0x0A, 17, 0x08, 1, 0x12, 13, 0x0A, 11, 0x08] + [UInt8](repeating: 0xFF, count: 9) + [1])
    #expect(type?.type == .tensor(.float32, [.unknown]))
  }

  @Test func openTypesAreNone() throws {
    #expect(try decodedType([]) == nil)
    #expect(try decodedType([0x0A, 2, 0x08, 0]) == nil)
  }

  /// A denotation inside a sequence has no slot: the message is kept, until somebody changes the type.
  @Test func innerDenotationsSurviveUntilTheTypeChanges() throws {
    let original: [UInt8] = [0x22, 9, 0x0A, 7, 0x0A, 2, 0x08, 1, 0x32, 1, 0x44]
    var type = try #require(try decodedType(original))
    #expect(type.type == .sequence(.tensor(.float32, nil)))
    #expect(encoded(type) == original)
    type.type = .sequence(.tensor(.float64, nil))
    #expect(encoded(type) == [0x22, 6, 0x0A, 4, 0x0A, 2, 0x08, 11])
  }

  @Test func textThatIsNotUTF8SurvivesInDocumentation() throws {
    let documentation: [UInt8] = [0x32, 2, 0xE9, 0x21]
    let decoded = try ONNXFormat.decode([0x3A, 0] + documentation)
    #expect(decoded.header.annotations.documentation.isEmpty)
    #expect(try ONNXFormat.encode(decoded) == [0x3A, 0] + documentation)
  }

  /// A message or bytes of less than 128 bytes.
  private func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(content.count)] + content
  }

  private func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  private func decodedType(_ bytes: [UInt8]) throws -> AnnotatedType? {
    try bytes.withUnsafeBytes { bytes in
      var decoder = ModelDecoder(.memory, folder: nil)
      return try decoder.type(WireReader(bytes))
    }
  }

  private func encoded(_ type: AnnotatedType) -> [UInt8] {
    var encoder = ModelEncoder(placement: EmbeddedPlacement())
    encoder.encode(type)
    return encoder.writer.joined()
  }
}
