import GraphIR
import TensorCore

/// Writes a `NamedModel` as the messages of an ONNX file: fields in ascending order, nothing that is empty or
/// has the schema's default, unknown fields last.
struct ModelEncoder<Placement: TensorPlacement> {
  var writer = WireWriter()
  var placement: Placement

  init(placement: Placement) {
    self.placement = placement
  }

  mutating func encode(_ model: NamedModel) {
    let header = model.header
    writer.int(ModelField.irVersion, unlessZero: Int64(header.irVersion))
    writer.string(ModelField.producerName, unlessEmpty: header.producerName)
    writer.string(ModelField.producerVersion, unlessEmpty: header.producerVersion)
    writer.string(ModelField.domain, unlessEmpty: header.domain)
    writer.int(ModelField.modelVersion, unlessZero: header.modelVersion)
    writer.string(ModelField.documentation, unlessEmpty: header.annotations.documentation)
    message(ModelField.graph) { $0.encode(model.graph) }
    encode(header.opsetImports, ModelField.opsetImport)
    encode(header.annotations.metadata, ModelField.metadata)
    writer.messages(ModelField.trainingInfo, header.trainingInfo)
    for function in model.functions { message(ModelField.function) { $0.encode(function) } }
    writer.messages(ModelField.configuration, header.deviceConfigurations)
    writer.raw(header.annotations.unknownFields)
  }

  /// A field that holds what `body` writes.
  mutating func message(_ field: some FieldNumber, _ body: (inout Self) -> Void) {
    let open = writer.begin(field)
    body(&self)
    writer.end(open)
  }

  mutating func encode(_ imports: [OpsetImport], _ field: some FieldNumber) {
    for opset in imports {
      message(field) {
        $0.writer.string(OpsetField.domain, opset.domain)
        $0.writer.int(OpsetField.version, Int64(opset.version))
        $0.writer.raw(opset.unknownFields)
      }
    }
  }

  mutating func encode(_ metadata: [MetadataEntry], _ field: some FieldNumber) {
    for entry in metadata {
      message(field) {
        $0.writer.string(MetadataField.key, entry.key)
        $0.writer.string(MetadataField.value, entry.value)
        $0.writer.raw(entry.unknownFields)
      }
    }
  }

  private mutating func encode(_ function: NamedFunction) {
    writer.string(FunctionField.name, unlessEmpty: function.id.name)
    writer.strings(FunctionField.input, function.inputs)
    writer.strings(FunctionField.output, function.outputs)
    writer.strings(FunctionField.attribute, function.requiredAttributes)
    for node in function.nodes { message(FunctionField.node) { $0.encode(node) } }
    writer.string(FunctionField.documentation, unlessEmpty: function.annotations.documentation)
    encode(function.opsetImports, FunctionField.opsetImport)
    writer.string(FunctionField.domain, unlessEmpty: function.id.domain)
    for attribute in function.defaultedAttributes {
      message(FunctionField.attributeDefault) { $0.encode(attribute) }
    }
    for value in function.valueTypes { message(FunctionField.valueInfo) { $0.encode(value) } }
    writer.string(FunctionField.overload, unlessEmpty: function.id.overload)
    encode(function.annotations.metadata, FunctionField.metadata)
    writer.raw(function.annotations.unknownFields)
  }
}
