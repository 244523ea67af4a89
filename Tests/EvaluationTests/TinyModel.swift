import GraphIR
import TensorCore

/// Models written down for tests, encoded by hand: field numbers are those of `onnx.proto`.
struct TinyModel {
  var inputs: [(name: String, type: ElementType, dimensions: [Dimension])]
  var outputs: [(name: String, type: ElementType, dimensions: [Dimension])]
  var nodes: [(op: String, inputs: [String], outputs: [String])]
  var initializers: [(name: String, tensor: Tensor)] = []
  var opset = 17

  var bytes: [UInt8] {
    var graph = Message()
    for node in nodes {
      var message = Message()
      node.inputs.forEach { message.add(1, text: $0) }
      node.outputs.forEach { message.add(2, text: $0) }
      message.add(4, text: node.op)
      graph.add(1, message)
    }
    graph.add(2, text: "tiny")
    for initializer in initializers {
      var message = Message()
      initializer.tensor.dimensions.forEach { message.add(1, $0) }
      message.add(2, Int(initializer.tensor.elementType.rawValue))
      message.add(8, text: initializer.name)
      message.add(9, bytes: initializer.tensor.withUnsafeBytes { Array($0) })
      graph.add(5, message)
    }
    for value in inputs { graph.add(11, Self.encoded(value)) }
    for value in outputs { graph.add(12, Self.encoded(value)) }
    var model = Message()
    model.add(1, 8)
    model.add(7, graph)
    var opsetImport = Message()
    opsetImport.add(2, opset)
    model.add(8, opsetImport)
    return model.bytes
  }

  private static func encoded(_ value: (name: String, type: ElementType, dimensions: [Dimension])) -> Message
  {
    var shape = Message()
    for dimension in value.dimensions {
      var message = Message()
      if let size = dimension.fixedSize { message.add(1, size) } else { message.add(2, text: "\(dimension)") }
      shape.add(1, message)
    }
    var tensor = Message()
    tensor.add(1, Int(value.type.rawValue))
    tensor.add(2, shape)
    var type = Message()
    type.add(1, tensor)
    var info = Message()
    info.add(1, text: value.name)
    info.add(2, type)
    return info
  }
}

private struct Message {
  var bytes: [UInt8] = []

  mutating func varint(_ value: Int) {
    var rest = UInt64(bitPattern: Int64(value))
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func add(_ field: Int, _ value: Int) {
    varint(field << 3)
    varint(value)
  }

  mutating func add(_ field: Int, bytes contents: [UInt8]) {
    varint(field << 3 | 2)
    varint(contents.count)
    bytes += contents
  }

  mutating func add(_ field: Int, text: String) { add(field, bytes: Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: Message) { add(field, bytes: message.bytes) }
}

extension TinyModel {
  /// `y = x · w` with `w` [2, 3], batch size `batch`.
  static func linear(_ weights: [Float] = [1, 0, 0, 0, 1, 0], batch: Dimension = "N") throws -> TinyModel {
    TinyModel(
      inputs: [("x", .float32, [batch, 2])], outputs: [("y", .float32, [batch, 3])],
      nodes: [("MatMul", ["x", "w"], ["y"])],
      initializers: [("w", try Tensor(float32: weights, [2, 3]))])
  }

  /// One operator from inputs to `y`, which has the type and dimensions of the first input.
  static func unary(_ op: String, _ type: ElementType = .float32, _ dimensions: [Dimension] = ["N"])
    -> TinyModel
  {
    TinyModel(
      inputs: [("x", type, dimensions)], outputs: [("y", type, dimensions)], nodes: [(op, ["x"], ["y"])])
  }
}
