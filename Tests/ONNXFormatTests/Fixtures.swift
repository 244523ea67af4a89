import Foundation
import GraphIR
import TensorCore

@testable import ONNXFormat

/// A small valid model: y = x + w, `w` in `raw_data`.
func additionModel() throws -> NamedModel {
  let weights = try Tensor(float32: [1, 2, 3])
  var graph = NamedGraph(
    name: "add",
    inputs: [NamedValue("x", AnnotatedType(.tensor(.float32, [.symbol("N"), 3])))],
    outputs: [NamedValue("y", AnnotatedType(.tensor(.float32, [.symbol("N"), 3])))],
    nodes: [NamedNode(OperatorName("Add"), name: "sum", inputs: ["x", "w"], outputs: ["y"])])
  graph.initializers = [NamedTensor(weights, name: "w")]
  let header = ModelHeader(irVersion: 10, opsetImports: [OpsetImport(domain: "", version: 21)])
  return NamedModel(header: header, graph: graph)
}

/// `additionModel` with something in every slot that the format has.
func fullModel() throws -> NamedModel {
  var model = try additionModel()
  model.header.irVersion = 14
  model.header.producerName = "maker"
  model.header.producerVersion = "1.2"
  model.header.domain = "org.example"
  model.header.modelVersion = -3
  model.header.opsetImports.append(
    OpsetImport(domain: "local", version: 1, unknownFields: unknownField))
  model.header.trainingInfo = [[0x0A, 0x00]]
  model.header.deviceConfigurations = [[0x0A, 0x01, 0x63, 0x10, 0x02]]
  model.header.annotations = fullAnnotations
  model.graph.annotations = fullAnnotations
  model.graph.quantizationAnnotations = [[0x0A, 0x01, 0x78]]
  model.graph.valueTypes = try typedValues()
  model.graph.sparseInitializers = [try sparseTensor()]
  model.graph.initializers[0].annotations = fullAnnotations
  model.graph.nodes[0].annotations = fullAnnotations
  model.graph.nodes[0].deviceConfigurations = [[0x0A, 0x01, 0x63]]
  model.graph.nodes.append(try customNode())
  model.functions = [try function()]
  return model
}

/// Field 1000 of the text `xy`, with its tag.
let unknownField: [UInt8] = [0xC2, 0x3E, 0x02, 0x78, 0x79]

private let fullAnnotations = Annotations(
  documentation: "documented",
  metadata: [
    MetadataEntry(key: "k", value: "ü", unknownFields: unknownField), MetadataEntry(key: "", value: ""),
  ],
  unknownFields: unknownField)

private func typedValues() throws -> [NamedValue] {
  let halved = DimensionExpression(parsing: "N//2").map(Dimension.symbolic) ?? .unknown
  let tensor = ValueType.tensor(.float16, [halved, .unknown, .fixed(0), .symbol("batch size")])
  let denoted = AnnotatedType(
    tensor, denotation: "IMAGE", dimensionDenotations: ["DATA_BATCH", "", "", "DATA_CHANNEL"])
  let types: [AnnotatedType?] = [
    nil, denoted,
    AnnotatedType(.tensor(.int64, .scalar)), AnnotatedType(.tensor(.string, nil)),
    AnnotatedType(.sequence(.tensor(.float32, nil))), AnnotatedType(.optional(.sequence(tensor))),
    AnnotatedType(.map(key: .string, value: tensor)),
    AnnotatedType(.sparseTensor(TensorType(.float64, [3]))),
    AnnotatedType(.opaque(domain: "d", name: "n"), denotation: "AUDIO"),
  ]
  return types.enumerated().map { index, type in
    NamedValue("t\(index)", type, annotations: fullAnnotations)
  }
}

private func sparseTensor() throws -> SparseTensor {
  SparseTensor(
    values: NamedTensor(try Tensor(float32: [5, 6]), name: "sparse"),
    indices: NamedTensor(try Tensor(int64: [0, 3])), dimensions: [2, 2], unknownFields: unknownField)
}

private func customNode() throws -> NamedNode {
  let tensor = NamedTensor(try Tensor(int64: [7]), name: "t", annotations: fullAnnotations)
  var body = NamedGraph(name: "body", outputs: [NamedValue("b", nil)])
  body.nodes = [NamedNode(OperatorName("Identity"), inputs: ["x"], outputs: ["b"])]
  let values: [AttributeValueOf<NamedGraph>] = [
    .float(0), .int(-1), .string(ByteString(bytes: [0xFF, 0])), .tensor(tensor), .graph(body),
    .sparseTensor(try sparseTensor()), .type(AnnotatedType(.tensor(.bool, nil))),
    .floats([1, -.infinity]), .ints([.min, 0, .max]), .strings(["a", ""]), .tensors([tensor, tensor]),
    .graphs([body, body]), .sparseTensors([try sparseTensor()]),
    .types([AnnotatedType(.sequence(.tensor(.bool, nil)))]), .ints([]),
  ]
  let attributes = values.enumerated().map { index, value in
    NamedAttribute("a\(index)", value, annotations: Annotations(unknownFields: unknownField))
  }
  return NamedNode(
    OperatorName("Block", domain: "local", overload: "v2"), inputs: ["", "x", ""], outputs: ["", "z"],
    attributes: attributes)
}

private func function() throws -> NamedFunction {
  let slope = NamedAttribute("alpha", .reference(name: "slope", kind: .float))
  let node = NamedNode(OperatorName("LeakyRelu"), inputs: ["X"], outputs: ["Y"], attributes: [slope])
  var function = NamedFunction(
    OperatorName("Block", domain: "local", overload: "v2"), inputs: ["A", "X"], outputs: ["Z", "Y"],
    opsetImports: [OpsetImport(domain: "", version: 21)], nodes: [node])
  function.requiredAttributes = ["needed"]
  function.defaultedAttributes = [NamedAttribute("slope", .float(0.5))]
  function.valueTypes = [NamedValue("X", AnnotatedType(.tensor(.float32, nil)))]
  function.annotations = fullAnnotations
  return function
}

/// The bytes of a model whose only initializer has the fields that `body` writes.
func modelBytes(tensor body: (inout WireWriter) -> Void) -> [UInt8] {
  var writer = WireWriter()
  let graph = writer.begin(ModelField.graph)
  let tensor = writer.begin(GraphField.initializer)
  body(&writer)
  writer.end(tensor)
  writer.end(graph)
  return writer.joined()
}

/// The error that `body` throws, as users see it.
func messageOfError(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

/// A folder that is removed in the end.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "onnx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = FilePath.resolvingLinks(url.path) ?? url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { path + "/" + name }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(filePath: file(name)))
  }

  func bytes(of name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: file(name))))
  }
}
