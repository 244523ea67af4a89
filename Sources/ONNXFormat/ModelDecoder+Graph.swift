import GraphIR
import TensorCore

extension ModelDecoder {
  mutating func graph(_ message: WireReader) throws -> NamedGraph {
    var reader = message
    var graph = NamedGraph(name: "")
    while let field = try reader.nextField() {
      switch GraphField(rawValue: field.number) {
      case .node: graph.nodes.append(try node(reader.message(field), index: graph.nodes.count))
      case .name: graph.name = try reader.string(field)
      case .initializer:
        graph.initializers.append(try initializer(reader.message(field), index: graph.initializers.count))
      case .documentation: try document(&graph.annotations, &reader, field)
      case .input: graph.inputs.append(try value(reader.message(field), "input \(graph.inputs.count)"))
      case .output: graph.outputs.append(try value(reader.message(field), "output \(graph.outputs.count)"))
      case .valueInfo:
        graph.valueTypes.append(try value(reader.message(field), "value_info \(graph.valueTypes.count)"))
      case .quantizationAnnotation: graph.quantizationAnnotations.append(try reader.bytes(field))
      case .sparseInitializer:
        graph.sparseInitializers.append(
          try sparseInitializer(reader.message(field), index: graph.sparseInitializers.count))
      case .metadata: graph.annotations.metadata.append(try metadataEntry(reader.message(field)))
      case nil: try reader.keep(field, in: &graph.annotations.unknownFields)
      }
    }
    return graph
  }

  /// `place` names the value in errors while its own name is not known.
  mutating func value(_ message: WireReader, _ place: @autoclosure () -> String) throws -> NamedValue {
    var reader = message
    var value = NamedValue("", nil)
    do {
      while let field = try reader.nextField() {
        switch ValueField(rawValue: field.number) {
        case .name: value.name = try reader.string(field)
        case .type: value.type = try type(reader.message(field))
        case .documentation: try document(&value.annotations, &reader, field)
        case .metadata: value.annotations.metadata.append(try metadataEntry(reader.message(field)))
        case nil: try reader.keep(field, in: &value.annotations.unknownFields)
        }
      }
    } catch {
      throw DecodingFailure.wrapping(error, in: value.name.isEmpty ? place() : "value \(value.name)")
    }
    return value
  }

  mutating func function(_ message: WireReader) throws -> NamedFunction {
    var reader = message
    var parts = FunctionParts()
    do {
      while let field = try reader.nextField() { try decode(field, &reader, into: &parts) }
    } catch {
      throw DecodingFailure.wrapping(error, in: parts.name.isEmpty ? "a function" : "function \(parts.name)")
    }
    var function = NamedFunction(
      OperatorName(parts.name, domain: parts.domain, overload: parts.overload), inputs: parts.inputs,
      outputs: parts.outputs, opsetImports: parts.opsetImports, nodes: parts.nodes)
    function.requiredAttributes = parts.requiredAttributes
    function.defaultedAttributes = parts.defaultedAttributes
    function.valueTypes = parts.valueTypes
    function.annotations = parts.annotations
    return function
  }

  private mutating func decode(
    _ field: WireField, _ reader: inout WireReader, into parts: inout FunctionParts
  ) throws {
    switch FunctionField(rawValue: field.number) {
    case .name: parts.name = try reader.string(field)
    case .input: parts.inputs.append(try reader.string(field))
    case .output: parts.outputs.append(try reader.string(field))
    case .attribute: parts.requiredAttributes.append(try reader.string(field))
    case .node: parts.nodes.append(try node(reader.message(field), index: parts.nodes.count))
    case .documentation: try document(&parts.annotations, &reader, field)
    case .opsetImport: parts.opsetImports.append(try opsetImport(reader.message(field)))
    case .domain: parts.domain = try reader.string(field)
    case .attributeDefault: parts.defaultedAttributes.append(try attribute(reader.message(field)))
    case .valueInfo:
      parts.valueTypes.append(try value(reader.message(field), "value_info \(parts.valueTypes.count)"))
    case .overload: parts.overload = try reader.string(field)
    case .metadata: parts.annotations.metadata.append(try metadataEntry(reader.message(field)))
    case nil: try reader.keep(field, in: &parts.annotations.unknownFields)
    }
  }
}

/// The fields of a function as they come in.
private struct FunctionParts {
  var name = ""
  var domain = ""
  var overload = ""
  var inputs: [String] = []
  var outputs: [String] = []
  var requiredAttributes: [String] = []
  var defaultedAttributes: [NamedAttribute] = []
  var opsetImports: [OpsetImport] = []
  var nodes: [NamedNode] = []
  var valueTypes: [NamedValue] = []
  var annotations = Annotations()
}
