import GraphIR
import TensorCore

/// Makes models that lie: attributes out of range, extreme constants, and declared shapes that are not those that
/// come out.
public struct Liar {
  private var random: RandomSource

  public init(random: RandomSource) { self.random = random }

  public mutating func changed(_ model: NamedModel) -> NamedModel {
    var model = model
    for index in model.graph.nodes.indices { change(&model.graph.nodes[index]) }
    for index in model.graph.initializers.indices where happens(0.2) {
      model.graph.initializers[index].tensor = changed(model.graph.initializers[index].tensor)
    }
    for index in model.graph.inputs.indices where happens(0.2) {
      model.graph.inputs[index].type = lie(like: model.graph.inputs[index].type)
    }
    let type = model.graph.inputs.first?.type
    for output in model.graph.nodes.flatMap(\.outputs) where !output.isEmpty && happens(0.4) {
      model.graph.valueTypes.append(NamedValue(output, lie(like: type)))
    }
    return model
  }

  private mutating func change(_ node: inout NamedNode) {
    for index in node.attributes.indices where happens(0.4) {
      switch node.attributes[index].value {
      case .int: node.attributes[index].value = .int(extreme())
      case .ints(let values):
        let changed = values.map { happens(0.5) ? extreme() : $0 }
        node.attributes[index].value = .ints(happens(0.3) ? Array(changed.dropLast()) : changed)
      default: break
      }
    }
    if happens(0.1), node.inputs.count > 1 { node.inputs.removeLast() }
  }

  private mutating func changed(_ tensor: Tensor) -> Tensor {
    guard tensor.elementType == .int64 else { return tensor }
    let values = (0..<tensor.elementCount).map { _ in Int(extreme()) }
    return (try? Tensor(int64: values, tensor.dimensions)) ?? tensor
  }

  private mutating func lie(like type: AnnotatedType?) -> AnnotatedType {
    let sizes: [TensorCore.Dimension] = [
      .fixed(0), .fixed(1), .fixed(3), .fixed(4), .symbol("N"), .unknown, .fixed(Int(Int32.max)),
    ]
    let rank = Int(random.next() % 5)
    let shape = Shape((0..<rank).map { _ in sizes[Int(random.next() % UInt64(sizes.count))] })
    return AnnotatedType(.tensor(type?.type.tensorType?.elementType ?? .float32, shape))
  }

  private mutating func extreme() -> Int64 {
    let values: [Int64] = [-1, 0, 1, 2, 3, 7, -7, .min, .max, 1 << 31, -(1 << 40)]
    return values[Int(random.next() % UInt64(values.count))]
  }

  private mutating func happens(_ probability: Double) -> Bool { random.uniform() < probability }
}
