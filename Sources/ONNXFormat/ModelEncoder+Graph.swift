import GraphIR
import TensorCore

extension ModelEncoder {
  mutating func encode(_ graph: NamedGraph) {
    for node in graph.nodes { message(GraphField.node) { $0.encode(node) } }
    writer.string(GraphField.name, unlessEmpty: graph.name)
    for tensor in graph.initializers {
      message(GraphField.initializer) {
        $0.encode(tensor, at: $0.placement.location(of: tensor.tensor.storage))
      }
    }
    writer.string(GraphField.documentation, unlessEmpty: graph.annotations.documentation)
    for value in graph.inputs { message(GraphField.input) { $0.encode(value) } }
    for value in graph.outputs { message(GraphField.output) { $0.encode(value) } }
    for value in graph.valueTypes { message(GraphField.valueInfo) { $0.encode(value) } }
    writer.messages(GraphField.quantizationAnnotation, graph.quantizationAnnotations)
    for tensor in graph.sparseInitializers {
      message(GraphField.sparseInitializer) { $0.encode(tensor) }
    }
    encode(graph.annotations.metadata, GraphField.metadata)
    writer.raw(graph.annotations.unknownFields)
  }

  mutating func encode(_ value: NamedValue) {
    writer.string(ValueField.name, value.name)
    if let type = value.type { message(ValueField.type) { $0.encode(type) } }
    writer.string(ValueField.documentation, unlessEmpty: value.annotations.documentation)
    encode(value.annotations.metadata, ValueField.metadata)
    writer.raw(value.annotations.unknownFields)
  }

  mutating func encode(_ node: NamedNode) {
    writer.strings(NodeField.input, node.inputs)
    writer.strings(NodeField.output, node.outputs)
    writer.string(NodeField.name, unlessEmpty: node.name)
    writer.string(NodeField.operatorType, node.op.name)
    for attribute in node.attributes { message(NodeField.attribute) { $0.encode(attribute) } }
    writer.string(NodeField.documentation, unlessEmpty: node.annotations.documentation)
    writer.string(NodeField.domain, unlessEmpty: node.op.domain)
    writer.string(NodeField.overload, unlessEmpty: node.op.overload)
    encode(node.annotations.metadata, NodeField.metadata)
    writer.messages(NodeField.deviceConfiguration, node.deviceConfigurations)
    writer.raw(node.annotations.unknownFields)
  }

  mutating func encode(_ attribute: NamedAttribute) {
    writer.string(AttributeField.name, attribute.name)
    encodeLowFields(attribute.value)
    writer.string(AttributeField.documentation, unlessEmpty: attribute.annotations.documentation)
    encodeTypes(attribute.value)
    writer.int(AttributeField.kind, unlessZero: Int64(attribute.value.kind.rawValue))
    encodeHighFields(attribute.value)
    writer.raw(attribute.annotations.unknownFields)
  }

  /// Values whose fields come before the documentation. Lists are not packed, as the schema has it.
  private mutating func encodeLowFields(_ value: AttributeValueOf<NamedGraph>) {
    switch value {
    case .float(let number): writer.float(AttributeField.float, number)
    case .int(let number): writer.int(AttributeField.int, number)
    case .string(let text): writer.bytes(AttributeField.string, text.bytes)
    case .tensor(let tensor): message(AttributeField.tensor) { $0.encode(tensor, at: nil) }
    case .graph(let body): message(AttributeField.graph) { $0.encode(body) }
    case .floats(let numbers): for number in numbers { writer.float(AttributeField.floats, number) }
    case .ints(let numbers): for number in numbers { writer.int(AttributeField.ints, number) }
    case .strings(let texts): for text in texts { writer.bytes(AttributeField.strings, text.bytes) }
    case .tensors(let tensors):
      for tensor in tensors { message(AttributeField.tensors) { $0.encode(tensor, at: nil) } }
    case .graphs(let bodies): for body in bodies { message(AttributeField.graphs) { $0.encode(body) } }
    case .type, .types, .sparseTensor, .sparseTensors, .reference: break
    }
  }

  private mutating func encodeTypes(_ value: AttributeValueOf<NamedGraph>) {
    switch value {
    case .type(let type): message(AttributeField.typeProto) { $0.encode(type) }
    case .types(let types): for type in types { message(AttributeField.typeProtos) { $0.encode(type) } }
    default: break
    }
  }

  /// Values whose fields come after the kind.
  private mutating func encodeHighFields(_ value: AttributeValueOf<NamedGraph>) {
    switch value {
    case .reference(let name, _): writer.string(AttributeField.reference, name)
    case .sparseTensor(let tensor): message(AttributeField.sparseTensor) { $0.encode(tensor) }
    case .sparseTensors(let tensors):
      for tensor in tensors { message(AttributeField.sparseTensors) { $0.encode(tensor) } }
    default: break
    }
  }
}
