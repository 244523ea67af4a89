import GraphIR
import TensorCore

extension ModelDecoder {
  /// `index` is the node's place in its graph, which names it in errors if nothing else does.
  mutating func node(_ message: WireReader, index: Int) throws -> NamedNode {
    var reader = message
    var node = NamedNode(OperatorName(""), inputs: [], outputs: [])
    var op = (name: "", domain: "", overload: "")
    do {
      while let field = try reader.nextField() {
        switch NodeField(rawValue: field.number) {
        case .input: node.inputs.append(try reader.string(field))
        case .output: node.outputs.append(try reader.string(field))
        case .name: node.name = try reader.string(field)
        case .operatorType: op.name = try reader.string(field)
        case .attribute: node.attributes.append(try attribute(reader.message(field)))
        case .documentation: try document(&node.annotations, &reader, field)
        case .domain: op.domain = try reader.string(field)
        case .overload: op.overload = try reader.string(field)
        case .metadata: node.annotations.metadata.append(try metadataEntry(reader.message(field)))
        case .deviceConfiguration: node.deviceConfigurations.append(try reader.bytes(field))
        case nil: try reader.keep(field, in: &node.annotations.unknownFields)
        }
      }
    } catch {
      let name = node.name.isEmpty ? "#\(index)" : node.name
      throw DecodingFailure.wrapping(error, in: .node(op.name.isEmpty ? name : "\(name) (\(op.name))"))
    }
    node.op = OperatorName(op.name, domain: op.domain, overload: op.overload)
    return node
  }

  mutating func attribute(_ message: WireReader) throws -> NamedAttribute {
    var reader = message
    var parts = AttributeParts()
    do {
      while let field = try reader.nextField() {
        try decodeValue(field, &reader, into: &parts)
      }
      return NamedAttribute(parts.name, try parts.value(), annotations: parts.annotations)
    } catch {
      throw DecodingFailure.wrapping(error, in: "attribute \(parts.name)")
    }
  }

  private mutating func decodeValue(
    _ field: WireField, _ reader: inout WireReader, into parts: inout AttributeParts
  ) throws {
    let number = AttributeField(rawValue: field.number)
    parts.note(number)
    switch number {
    case .name: parts.name = try reader.string(field)
    case .float: parts.float = try reader.float(field)
    case .int: parts.int = try reader.int64(field)
    case .string: parts.string = ByteString(bytes: try reader.bytes(field))
    case .tensor: parts.tensor = try tensor(reader.message(field))
    case .graph: parts.graph = try graph(reader.message(field))
    case .floats: try reader.append(field, to: &parts.floats)
    case .ints: try reader.append(field, to: &parts.ints)
    case .strings: parts.strings.append(ByteString(bytes: try reader.bytes(field)))
    case .tensors: parts.tensors.append(try tensor(reader.message(field)))
    case .graphs: parts.graphs.append(try graph(reader.message(field)))
    case .documentation: try document(&parts.annotations, &reader, field)
    case .typeProto: parts.type = try type(reader.message(field))
    case .typeProtos: try parts.append(type: type(reader.message(field)))
    case .kind: parts.kind = try reader.int(field)
    case .reference: parts.reference = try reader.string(field)
    case .sparseTensor: parts.sparseTensor = try sparseTensor(reader.message(field))
    case .sparseTensors: parts.sparseTensors.append(try sparseTensor(reader.message(field)))
    case nil: try reader.keep(field, in: &parts.annotations.unknownFields)
    }
  }
}

/// The fields of an attribute as they come in: which of them counts is known at the end.
private struct AttributeParts {
  var name = ""
  var kind = 0
  /// The kind that the fields suggest; files of IR version 1 do not state it.
  var impliedKind = AttributeKind.undefined
  var reference = ""
  var float: Float = 0
  var int: Int64 = 0
  var string: ByteString = ""
  var tensor: NamedTensor?
  var graph: NamedGraph?
  var type: AnnotatedType?
  var sparseTensor: SparseTensor?
  var floats: [Float] = []
  var ints: [Int64] = []
  var strings: [ByteString] = []
  var tensors: [NamedTensor] = []
  var graphs: [NamedGraph] = []
  var types: [AnnotatedType] = []
  var sparseTensors: [SparseTensor] = []
  var annotations = Annotations()

  mutating func note(_ field: AttributeField?) {
    if let kind = field?.impliedKind { impliedKind = kind }
  }

  mutating func append(type: AnnotatedType?) throws {
    guard let type else { throw DecodingFailure("a type without a value") }
    types.append(type)
  }

  func value() throws -> NamedAttribute.Value {
    guard var kind = AttributeKind(rawValue: Int32(truncatingIfNeeded: kind)) else {
      throw DecodingFailure("unknown kind \(kind)", hint: "a newer version of the format may have it")
    }
    if !reference.isEmpty { return .reference(name: reference, kind: kind) }
    if kind == .undefined { kind = impliedKind }
    switch kind {
    case .undefined: throw DecodingFailure("no value")
    case .float: return .float(float)
    case .int: return .int(int)
    case .string: return .string(string)
    case .tensor: return .tensor(try required(tensor))
    case .graph: return .graph(try required(graph))
    case .sparseTensor: return .sparseTensor(try required(sparseTensor))
    case .type: return .type(try required(type))
    case .floats: return .floats(floats)
    case .ints: return .ints(ints)
    case .strings: return .strings(strings)
    case .tensors: return .tensors(tensors)
    case .graphs: return .graphs(graphs)
    case .sparseTensors: return .sparseTensors(sparseTensors)
    case .types: return .types(types)
    }
  }

  private func required<Part>(_ part: Part?) throws -> Part {
    guard let part else { throw DecodingFailure("no value") }
    return part
  }
}

extension NamedAttribute {
  fileprivate typealias Value = AttributeValueOf<NamedGraph>
}

extension AttributeField {
  fileprivate var impliedKind: AttributeKind? {
    switch self {
    case .float: .float
    case .int: .int
    case .string: .string
    case .tensor: .tensor
    case .graph: .graph
    case .floats: .floats
    case .ints: .ints
    case .strings: .strings
    case .tensors: .tensors
    case .graphs: .graphs
    case .typeProto: .type
    case .typeProtos: .types
    case .sparseTensor: .sparseTensor
    case .sparseTensors: .sparseTensors
    case .name, .documentation, .kind, .reference: nil
    }
  }
}
