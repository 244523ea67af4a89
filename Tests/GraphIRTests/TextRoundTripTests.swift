import GraphIR
import TensorCore
import Testing

@Suite struct TextRoundTripTests {
  @Test(arguments: [ModelPrinter.ElementStyle.bits, .values])
  func whatIsPrintedReadsBackTheSame(style: ModelPrinter.ElementStyle) throws {
    let model = try NamedModel(parsing: richText)
    let text = ModelPrinter(elementStyle: style).print(model)
    let again = try NamedModel(parsing: text)
    #expect(difference(model, again) == nil, "\(text)")
    #expect(ModelPrinter(elementStyle: style).print(again) == text)
  }

  @Test func theTextLooksAsPeopleWriteIt() throws {
    let text = """
      <
        ir_version: 8,
        opset_import: ["" : 17]
      >
      g (float[N,3] x) => (float[N,"N+1"] y)
      <float[2] w = {1.0, 2.0}>
      {
        [first] h = Conv <strides = [1, 1]> (x, w)
        y = custom.Norm (h, "")
      }

      """
    #expect(ModelPrinter().print(try NamedModel(parsing: text)) == text)
  }

  @Test func whatTheSyntaxHasNoPlaceForIsKeptInComments() throws {
    var model = try NamedModel(parsing: "g () => () { y = Op () }")
    let everything = Annotations(
      documentation: "\na\n\"b\"\n", metadata: [MetadataEntry(key: "k\n", value: "v\\")],
      unknownFields: [0xff, 0x0a])
    model.header.trainingInfo = [[1, 2], []]
    model.header.annotations = everything
    model.header.deviceConfigurations = [[3]]
    model.graph.annotations = everything
    model.graph.quantizationAnnotations = [[4]]
    let type = AnnotatedType(.tensor(.float32, [2]), denotation: "D", dimensionDenotations: ["x", ""])
    model.graph.inputs = [NamedValue("x", type, annotations: everything)]
    let tensor = NamedTensor(try Tensor(float32: [1]), name: "w", annotations: everything)
    model.graph.initializers = [tensor]
    model.graph.sparseInitializers = [
      SparseTensor(values: tensor, indices: tensor, dimensions: [4], unknownFields: [9])
    ]
    var body = NamedGraph(name: "b")
    body.annotations = everything
    let values: [AttributeValueOf<NamedGraph>] = [
      .tensor(tensor), .tensors([tensor, tensor]), .graph(body), .graphs([body]), .type(type), .types([type]),
      .sparseTensor(model.graph.sparseInitializers[0]), .sparseTensors(model.graph.sparseInitializers),
      .string(ByteString(bytes: [0xff])), .float(Float(bitPattern: 0xffc0_0001)), .ints([]),
      .reference(name: "r", kind: .graphs), .reference(name: "r", kind: .undefined),
    ]
    model.graph.nodes[0].annotations = everything
    model.graph.nodes[0].deviceConfigurations = [[5]]
    model.graph.nodes[0].attributes = values.enumerated().map { index, value in
      NamedAttribute("a\(index)", value, annotations: everything)
    }
    let function = NamedFunction(
      OperatorName("inf", domain: "map.x"), inputs: ["float"], outputs: ["", "a-b"], opsetImports: [],
      nodes: model.graph.nodes)
    model.functions = [function, function]
    model.functions[1].annotations = everything
    let text = ModelPrinter().print(model)
    #expect(difference(model, try NamedModel(parsing: text)) == nil, "\(text)")
  }

  @Test func everyElementTypeReadsBack() throws {
    for type in ElementType.allCases where type != .string {
      let bytes = (type.byteCount(ofElements: 8) ?? 0)
      let tensor = try Tensor(type, [2, 4]) { target in
        for index in 0..<bytes { target[index] = UInt8(truncatingIfNeeded: index &* 37 &+ 200) }
        if type == .bool { for index in 0..<bytes { target[index] &= 1 } }
      }
      for style in [ModelPrinter.ElementStyle.bits, .values] {
        var graph = NamedGraph(name: "g")
        graph.initializers = [NamedTensor(tensor, name: "t")]
        let text = ModelPrinter(elementStyle: style).print(graph)
        let again = try NamedGraph(parsing: text)
        #expect(again.initializers[0].tensor.isIdentical(to: tensor), "\(text)")
      }
    }
  }

  @Test func valuesOfNarrowTypesAreReadable() throws {
    var graph = NamedGraph(name: "g")
    graph.initializers = [
      NamedTensor(try Tensor(.float16, rounding: [0.5, 1], [2]), name: "h"),
      NamedTensor(try Tensor(.int4, rounding: [-8, 7, 1], [3]), name: "n"),
    ]
    #expect(ModelPrinter(elementStyle: .values).print(graph).contains("float16[2] h = {0.5, 1.0}"))
    #expect(ModelPrinter(elementStyle: .values).print(graph).contains("int4[3] n = {-8, 7, 1}"))
    #expect(ModelPrinter().print(graph).contains("float16[2] h = {14336, 15360}"))
    #expect(ModelPrinter().print(graph).contains("int4[3] n = {120, 1}"))
  }
}
