import Foundation
import GraphIR
import TensorCore

/// A chain of transformer blocks as an exporter that traces leaves them: layer normalization, GELU and attention
/// taken apart into arithmetic, and targets of reshapes computed from sizes that only a run knows.
///
/// Input and output are float[batch, sequence, width].
struct TransformerChain {
  private let width: Int
  private let heads: Int
  /// Whether equal constants are one, as some exporters leave them, so that all blocks read it.
  private let sharesConstants: Bool
  private var names: [Data: String] = [:]
  private var nodes: [NamedNode] = []
  private var constants: [NamedTensor] = []
  private var weights: [(name: String, sizes: [Int])] = []
  private var state = "x"

  private init(width: Int, heads: Int, sharesConstants: Bool) {
    self.width = width
    self.heads = heads
    self.sharesConstants = sharesConstants
  }

  /// The smallest chain of whole blocks with at least `nodeCount` nodes.
  static func model(nodeCount: Int, sharesConstants: Bool) throws -> NamedModel {
    var chain = TransformerChain(width: 32, heads: 4, sharesConstants: sharesConstants)
    while chain.nodes.count < nodeCount { try chain.addBlock() }
    return try chain.model { try weights($0) }
  }

  /// `fill` makes the weights' tensors, in order.
  static func model(
    blocks: Int, width: Int, heads: Int, fill: ([[Int]]) throws -> [Tensor]
  ) throws -> NamedModel {
    var chain = TransformerChain(width: width, heads: heads, sharesConstants: false)
    for _ in 0..<blocks { try chain.addBlock() }
    return try chain.model(fill)
  }

  private static func weights(_ sizes: [[Int]]) throws -> [Tensor] {
    try sizes.enumerated().map { try .distinctNumbers($1, seed: UInt64($0)) }
  }

  private func model(_ fill: ([[Int]]) throws -> [Tensor]) throws -> NamedModel {
    let type = AnnotatedType(.tensor(.float32, Shape(["batch", "sequence", .fixed(width)])))
    var graph = NamedGraph(
      name: "chain", inputs: [NamedValue("x", type)], outputs: [NamedValue(state, type)], nodes: nodes)
    let tensors = try fill(weights.map(\.sizes))
    graph.initializers = constants + zip(weights, tensors).map { NamedTensor($1, name: $0.name) }
    let header = ModelHeader(irVersion: 8, opsetImports: [OpsetImport(domain: "", version: 17)])
    return NamedModel(header: header, graph: graph)
  }

  // MARK: Parts

  private mutating func addBlock() throws {
    let attended = try attention(try normalized(state))
    state = op("Add", state, op("Identity", attended))
    let hidden = try gelu(try linear(try normalized(state), from: width, to: 4 * width))
    state = op("Add", state, try linear(hidden, from: 4 * width, to: width))
  }

  private mutating func attention(_ x: String) throws -> String {
    let parts = try (0..<3).map { _ in
      let projected = try linear(x, from: width, to: width)
      let split = try reshaped(projected, like: x, to: [heads, width / heads])
      return op("Transpose", split, attributes: [NamedAttribute("perm", .ints([0, 2, 1, 3]))])
    }
    let keys = op("Transpose", parts[1], attributes: [NamedAttribute("perm", .ints([0, 1, 3, 2]))])
    let root = try constant(try Tensor(float32: [Float(width / heads).squareRoot()], []))
    let scores = op("Div", op("MatMul", parts[0], keys), root)
    let mixed = op("MatMul", op("Softmax", scores, attributes: [NamedAttribute("axis", .int(-1))]), parts[2])
    let joined = op("Transpose", mixed, attributes: [NamedAttribute("perm", .ints([0, 2, 1, 3]))])
    return try linear(try reshaped(joined, like: x, to: [width]), from: width, to: width)
  }

  private mutating func normalized(_ x: String) throws -> String {
    let mean = [NamedAttribute("axes", .ints([-1])), NamedAttribute("keepdims", .int(1))]
    let centered = op("Sub", x, op("ReduceMean", x, attributes: mean))
    let two = try constant(try Tensor(float32: [2], []))
    let variance = op("ReduceMean", op("Pow", centered, two), attributes: mean)
    let epsilon = try constant(try Tensor(float32: [1e-5], []))
    let deviation = op("Sqrt", op("Add", variance, epsilon))
    return op("Add", op("Mul", op("Div", centered, deviation), weight([width])), weight([width]))
  }

  private mutating func gelu(_ x: String) throws -> String {
    let root = try constant(try Tensor(float32: [Float(2).squareRoot()], []))
    let one = try constant(try Tensor(float32: [1], []))
    let half = try constant(try Tensor(float32: [0.5], []))
    return op("Mul", op("Mul", x, op("Add", op("Erf", op("Div", x, root)), one)), half)
  }

  private mutating func linear(_ x: String, from inputs: Int, to outputs: Int) throws -> String {
    op("Add", op("MatMul", x, weight([inputs, outputs])), weight([outputs]))
  }

  /// [batch, sequence, …] of `model`, then `sizes`.
  private mutating func reshaped(_ x: String, like model: String, to sizes: [Int]) throws -> String {
    let known = try (0..<2).map { axis in
      let index = try constant(try Tensor(int64: [axis], []))
      let size = op("Gather", op("Shape", model), index, attributes: [NamedAttribute("axis", .int(0))])
      return op("Unsqueeze", size, try constant(try Tensor(int64: [0])))
    }
    let rest = try sizes.map { try constant(try Tensor(int64: [$0])) }
    let target = op("Concat", known + rest, attributes: [NamedAttribute("axis", .int(0))])
    return op("Reshape", x, target)
  }

  // MARK: Building

  private mutating func op(
    _ name: String, _ inputs: String..., attributes: [NamedAttribute] = []
  ) -> String {
    op(name, inputs, attributes: attributes)
  }

  private mutating func op(_ name: String, _ inputs: [String], attributes: [NamedAttribute]) -> String {
    let output = "t\(nodes.count)"
    nodes.append(
      NamedNode(
        OperatorName(name), name: "n\(nodes.count)", inputs: inputs, outputs: [output],
        attributes: attributes))
    return output
  }

  private mutating func constant(_ tensor: Tensor) throws -> String {
    let key = Data("\(tensor.type)".utf8) + tensor.withUnsafeBytes { Data($0) }
    if sharesConstants, let name = names[key] { return name }
    let name = "c\(constants.count)"
    constants.append(NamedTensor(tensor, name: name))
    names[key] = name
    return name
  }

  private mutating func weight(_ sizes: [Int]) -> String {
    weights.append((name: "w\(weights.count)", sizes: sizes))
    return "w\(weights.count - 1)"
  }
}

extension Tensor {
  /// Numbers in 0.5…1, all different.
  static func distinctNumbers(_ sizes: [Int], seed: UInt64) throws -> Tensor {
    try Tensor(.float32, sizes) { bytes in
      var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
      let words = bytes.bindMemory(to: UInt32.self)
      for index in words.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        words[index] = 0x3f00_0000 | UInt32(truncatingIfNeeded: state >> 41)
      }
    }
  }
}
