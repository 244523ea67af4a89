import GraphIR
import TensorCore

@testable import Rendering

/// Writes small models node by node.
struct ModelSketch {
  var graph: NamedGraph
  private var count = 0

  init(_ name: String = "main") {
    graph = NamedGraph(name: name)
  }

  static let header = ModelHeader(irVersion: 10, opsetImports: [OpsetImport(domain: "", version: 21)])

  mutating func input(_ name: String, _ shape: Shape?, _ type: ElementType = .float32) -> String {
    graph.inputs.append(NamedValue(name, AnnotatedType(.tensor(type, shape))))
    return name
  }

  mutating func output(_ name: String, _ shape: Shape? = nil) {
    graph.outputs.append(NamedValue(name, shape.map { AnnotatedType(.tensor(.float32, $0)) }))
  }

  mutating func weight(_ dimensions: [Int], _ type: ElementType = .float32, fill: UInt8 = 0) -> String {
    count += 1
    let name = "w\(count)"
    if let tensor = try? Tensor(
      type, dimensions, initializingWith: { $0.initializeMemory(as: UInt8.self, repeating: fill) })
    {
      graph.initializers.append(NamedTensor(tensor, name: name))
    }
    return name
  }

  mutating func integers(_ values: [Int]) -> String {
    count += 1
    if let tensor = try? Tensor(int64: values) {
      graph.initializers.append(NamedTensor(tensor, name: "c\(count)"))
    }
    return "c\(count)"
  }

  /// A node with one output, whose name is returned.
  @discardableResult
  mutating func add(
    _ op: String, _ inputs: [String], name: String = "", domain: String = "", as output: String? = nil,
    shape: Shape? = nil, _ attributes: [NamedAttribute] = []
  ) -> String {
    count += 1
    let output = output ?? "v\(count)"
    graph.nodes.append(
      NamedNode(
        OperatorName(op, domain: domain), name: name, inputs: inputs, outputs: [output],
        attributes: attributes))
    if let shape {
      graph.valueTypes.append(NamedValue(output, AnnotatedType(.tensor(.float32, shape))))
    }
    return output
  }

  func model() throws -> Model { try Model(NamedModel(header: Self.header, graph: graph)) }
}

extension ModelSketch {
  mutating func conv(
    _ x: String, _ channels: (in: Int, out: Int), size: Int, stride: Int = 1, name: String
  ) -> String {
    let weight = weight([channels.out, channels.in, 3, 3])
    return add(
      "Conv", [x, weight], name: name, shape: ["N", .fixed(channels.out), .fixed(size), .fixed(size)],
      [
        NamedAttribute("kernel_shape", .ints([3, 3])), NamedAttribute("pads", .ints([1, 1, 1, 1])),
        NamedAttribute("strides", .ints([Int64(stride), Int64(stride)])),
      ])
  }

  mutating func norm(_ x: String, _ channels: Int, size: Int, name: String) -> String {
    let parameters = (0..<4).map { _ in weight([channels]) }
    return add(
      "BatchNormalization", [x] + parameters, name: name,
      shape: ["N", .fixed(channels), .fixed(size), .fixed(size)], [NamedAttribute("epsilon", .float(1e-3))])
  }

  /// x + norm(conv(relu(norm(conv(x))))), then Relu.
  mutating func residualBlock(_ x: String, _ channels: Int, size: Int, name: String) -> String {
    let shape: Shape = ["N", .fixed(channels), .fixed(size), .fixed(size)]
    var h = conv(x, (channels, channels), size: size, name: "/\(name)/conv1/Conv")
    h = norm(h, channels, size: size, name: "/\(name)/bn1/BatchNormalization")
    h = add("Relu", [h], name: "/\(name)/relu/Relu", shape: shape)
    h = conv(h, (channels, channels), size: size, name: "/\(name)/conv2/Conv")
    h = norm(h, channels, size: size, name: "/\(name)/bn2/BatchNormalization")
    h = add("Add", [h, x], name: "/\(name)/Add", shape: shape)
    return add("Relu", [h], name: "/\(name)/relu_1/Relu", shape: shape)
  }

  /// A residual network with 7 nodes a block and 4 around them.
  static func residualNetwork(blocks: Int) throws -> Model {
    var sketch = ModelSketch("resnet")
    var x = sketch.input("image", ["N", 3, 32, 32])
    x = sketch.conv(x, (3, 16), size: 32, name: "/stem/conv/Conv")
    x = sketch.add("Relu", [x], name: "/stem/relu/Relu", shape: ["N", 16, 32, 32])
    for block in 0..<blocks { x = sketch.residualBlock(x, 16, size: 32, name: "layer1/layer1.\(block)") }
    x = sketch.add("GlobalAveragePool", [x], name: "/pool", shape: ["N", 16, 1, 1])
    x = sketch.add("Flatten", [x], name: "/flatten", shape: ["N", 16])
    let weights = [sketch.weight([10, 16]), sketch.weight([10])]
    sketch.add("Gemm", [x] + weights, name: "/fc/Gemm", as: "logits", [NamedAttribute("transB", .int(1))])
    sketch.output("logits", ["N", 10])
    return try sketch.model()
  }

  static func chain(_ length: Int, ops: [String] = ["Relu", "Sigmoid", "Tanh"]) throws -> Model {
    var sketch = ModelSketch("chain")
    var x = sketch.input("x", ["N", 8])
    for index in 0..<length { x = sketch.add(ops[index % ops.count], [x], shape: ["N", 8]) }
    sketch.output(x)
    return try sketch.model()
  }

  /// If with a branch of two nodes and one of one, both reading the value around.
  static func branches() throws -> Model {
    var yes = ModelSketch("yes")
    yes.add("Mul", [yes.add("Relu", ["h"], name: "relu"), "h"], name: "square", as: "a")
    yes.output("a", ["N", 8])
    var no = ModelSketch("no")
    no.add("Neg", ["h"], name: "negate", as: "b")
    no.output("b", ["N", 8])
    var sketch = ModelSketch("branches")
    let x = sketch.input("x", ["N", 8])
    let flag = sketch.input("flag", [], .bool)
    sketch.add("Add", [x, sketch.weight([8])], name: "shift", as: "h", shape: ["N", 8])
    sketch.add(
      "If", [flag], name: "choose", as: "y",
      [NamedAttribute("then_branch", .graph(yes.graph)), NamedAttribute("else_branch", .graph(no.graph))])
    sketch.output("y", ["N", 8])
    return try sketch.model()
  }
}

extension Model {
  func node(named name: String) -> NodeID? { allNodes.first { self.name(of: $0) == name } }

  /// The model with a residual block bypassed, and its next convolution given another stride.
  func bypassing(_ block: String) throws -> Model {
    var model = self
    guard let last = node(named: "/\(block)/relu_1/Relu"), let first = node(named: "/\(block)/conv1/Conv"),
      let input = input(0, of: first)
    else { return self }
    try model.edit(as: "bypass-region") { rewriter in
      try rewriter.replaceAllUses(of: rewriter.model.outputs(of: last)[0], with: input)
      rewriter.eraseIfDead(last)
    }
    return model
  }

  /// The model with the convolution and normalization at `path` made one.
  func fusing(_ conv: String, _ norm: String) throws -> Model {
    var model = self
    guard let conv = node(named: conv), let norm = node(named: norm), let x = input(0, of: conv) else {
      return self
    }
    try model.edit(as: "fuse-conv-batch-norm") { rewriter in
      let weight = rewriter.addConstant(
        try Tensor(float32: [Float](repeating: 1, count: 16 * 16 * 9), [16, 16, 3, 3]), in: mainGraph)
      let bias = rewriter.addConstant(try Tensor(float32: [Float](repeating: 1, count: 16)), in: mainGraph)
      let fused = rewriter.insert(
        operatorName(of: conv), inputs: [x, weight, bias], outputs: [type(of: outputs(of: norm)[0])],
        attributes: attributes(of: conv), before: conv)
      try rewriter.replaceAllUses(
        of: rewriter.model.outputs(of: norm)[0], with: rewriter.model.outputs(of: fused)[0])
      rewriter.eraseIfDead(norm)
    }
    return model
  }

  func changing(_ node: String, _ attribute: Attribute) throws -> Model {
    var model = self
    guard let node = self.node(named: node) else { return self }
    let others = attributes(of: node).filter { $0.name != attribute.name }
    model.edit(as: "tune") { $0.setAttributes(of: node, to: others + [attribute]) }
    return model
  }
}

extension GraphPicture {
  /// Whether each node of the model is drawn by itself or among those that one stands for, and none twice.
  func namesAll(of model: Model) -> Bool {
    names(of: nodes.indices).sorted() == model.allNodes.map { model.pictureName(of: $0) }.sorted()
  }
}
