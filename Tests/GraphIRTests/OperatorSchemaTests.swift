import TensorCore
import Testing

@testable import GraphIR

@Suite struct OperatorSchemaTests {
  @Test func theNewestVersionThatIsNotNewerIsFound() throws {
    let op = OperatorName("BatchNormalization")
    #expect(OperatorSchema.lookup(op, opset: 13)?.sinceVersion == 9)
    #expect(OperatorSchema.lookup(op, opset: 14)?.sinceVersion == 14)
    #expect(OperatorSchema.newest(op)?.sinceVersion == 15)
    #expect(OperatorSchema.lookup(OperatorName("Gelu"), opset: 19) == nil)
  }

  @Test func attributesHaveKindsAndDefaults() throws {
    let norm = try #require(OperatorSchema.lookup(OperatorName("BatchNormalization"), opset: 15))
    #expect(norm.attribute(named: "epsilon")?.default?.float == 1e-5)
    #expect(norm.attribute(named: "training_mode")?.default?.int == 0)
    let conv = try #require(OperatorSchema.newest(OperatorName("Conv")))
    #expect(conv.attribute(named: "auto_pad")?.default?.string == "NOTSET")
    #expect(conv.attribute(named: "pads")?.kind == .ints)
    #expect(conv.attribute(named: "pads")?.default == nil)
    #expect(OperatorSchema.newest(OperatorName("Concat"))?.attribute(named: "axis")?.isRequired == true)
  }

  @Test func parametersHaveTypesAndArity() throws {
    let clip = try #require(OperatorSchema.lookup(OperatorName("Clip"), opset: 13))
    #expect(clip.inputs.map(\.name) == ["input", "min", "max"])
    #expect(clip.inputs.map(\.arity) == [.single, .optional, .optional])
    #expect(clip.inputCounts == 1...3)
    let concat = try #require(OperatorSchema.newest(OperatorName("Concat")))
    #expect(concat.inputs[0].arity == .variadic(minimum: 1))
    #expect(concat.input(at: 9) == concat.inputs[0])
    let loop = try #require(OperatorSchema.newest(OperatorName("Loop")))
    #expect(loop.inputs[2].isHomogeneous == false)
    let reshape = try #require(OperatorSchema.newest(OperatorName("Reshape")))
    #expect(reshape.inputs[1].type == .concrete(.tensor(.int64, nil)))
    #expect(reshape.inputs[0].type == .variable("T"))
  }

  @Test func typeConstraintsTellTypesApart() throws {
    let conv = try #require(OperatorSchema.lookup(OperatorName("Conv"), opset: 11)?.typeConstraint("T"))
    #expect(conv.allows(.tensor(.float16, [1, 3])))
    #expect(!conv.allows(.tensor(.int64, [1, 3])))
    let zipMap = OperatorName("ZipMap", domain: "ai.onnx.ml")
    let maps = try #require(OperatorSchema.newest(zipMap)?.typeConstraint("T"))
    #expect(maps.allows(.sequence(.map(key: .int64, value: .tensor(.float32, nil)))))
  }

  @Test func operatorsOfTheRuntimeAreKnown() throws {
    let embedding = OperatorName("EmbedLayerNormalization", domain: "com.microsoft")
    let schema = try #require(OperatorSchema.lookup(embedding, opset: 1))
    #expect(schema.inputs[1].arity == .optional)
    #expect(schema.attribute(named: "epsilon")?.default?.float == 1e-12)
    #expect(schema.typeConstraint("T1")?.allowedTypes == [.tensor(.int32, nil)])
    let concat = OperatorName("QLinearConcat", domain: "com.microsoft")
    #expect(OperatorSchema.newest(concat)?.inputs.last?.isHomogeneous == false)
    #expect(OperatorSchema.newest(OperatorName("SimplifiedLayerNormalization"))?.sinceVersion == 1)
    // The runtime has this one before the standard does; from then on the standard's holds.
    let normalization = OperatorName("LayerNormalization")
    #expect(OperatorSchema.lookup(normalization, opset: 16)?.sinceVersion == 1)
    #expect(OperatorSchema.lookup(normalization, opset: 17)?.sinceVersion == 17)
    // What the runtime says of the standard's other operators does not count.
    #expect(OperatorSchema.lookup(OperatorName("HardSwish"), opset: 13) == nil)
  }

  @Test func deprecationAndUnknownNamesAreKnown() {
    #expect(OperatorSchema.newest(OperatorName("Upsample"))?.isDeprecated == true)
    #expect(OperatorSchema.newest(OperatorName("NoSuchOperator")) == nil)
    #expect(OperatorSchema.newest(OperatorName("")) == nil)
    #expect(OperatorSchema.newest(OperatorName("Conv", overload: "v2")) == nil)
    #expect(OperatorSchema.newestOpset() ?? 0 >= 28)
  }

  @Test func everyLineOfTheTableReads() throws {
    for text in SchemaTable.allLines {
      let line = SchemaLine(text)
      let schema = try #require(line.schema(of: line.operatorName), "\(text)")
      let counts = [schema.inputs, schema.outputs].map(\.count) + [schema.attributes.count]
      #expect(counts == (1...3).map { line.items(in: $0).count }, "\(text)")
      #expect(
        schema.attributes.filter { $0.default != nil }.count == line.items(in: 3).count { $0.contains("=") })
      for case .variable(let variable) in (schema.inputs + schema.outputs).map(\.type) {
        #expect(schema.typeConstraint(variable) != nil, "\(text)")
      }
      #expect(schema.typeConstraints.allSatisfy { !$0.allowedTypes.isEmpty }, "\(text)")
      let found = OperatorSchema.lookup(line.operatorName, opset: schema.sinceVersion)
      #expect(found?.sinceVersion == schema.sinceVersion, "\(text)")
    }
  }
}
