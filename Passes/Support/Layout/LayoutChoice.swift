import GraphIR

/// Which nodes of a region are to compute in the other layout, so that the fewest tensors are transposed.
///
/// A tensor is transposed where its producer and one of its readers have different layouts. That is a minimum
/// cut: layout a is the side of the source, b that of the sink, and what has no choice is source or sink itself.
struct LayoutChoice {
  /// By node of the region.
  let isChanged: [Bool]
  /// How many tensors are transposed then.
  let transposeCount: Int

  init(for region: LayoutRegion, in model: Model) {
    var problem = CutProblem(region)
    for tensor in region.tensors { problem.add(tensor, in: model) }
    problem.cut.saturate()
    let sides = [problem.cut.sinkSideNearSource(), problem.cut.sinkSideNearSink()]
    let choices = sides.map { side in
      zip(region.nodes, problem.vertices).map { node, vertex in side[vertex] != (node.layout == .b) }
    }
    isChanged = choices[0].count { $0 } <= choices[1].count { $0 } ? choices[0] : choices[1]
    let layouts = zip(region.nodes, isChanged).map { node, isChanged in
      isChanged ? node.layout.other : node.layout
    }
    transposeCount = problem.links.count { link in
      let producer = link.producer.layout(among: layouts)
      return link.readers.contains { $0.layout(among: layouts) != producer }
    }
  }
}

/// A producer or a reader.
private enum LayoutEnd: Hashable {
  case fixed(RegionLayout)
  case free(Int)

  func layout(among layouts: [RegionLayout]) -> RegionLayout {
    switch self {
    case .fixed(let layout): layout
    case .free(let node): layouts[node]
    }
  }
}

private struct CutProblem {
  struct Link {
    var producer: LayoutEnd
    var readers: [LayoutEnd]
  }

  let region: LayoutRegion
  var cut = MinimumCut()
  private(set) var vertices: [Int] = []
  private(set) var links: [Link] = []

  init(_ region: LayoutRegion) {
    self.region = region
    vertices = region.nodes.map { _ in cut.addVertex() }
  }

  mutating func add(_ tensor: LayoutTensor, in model: Model) {
    let producer = region.producer(of: tensor, in: model).map(LayoutEnd.free) ?? .fixed(tensor.layout)
    var readers = ends(reading: tensor.root, tensor.layout, in: model, without: tensor.transposes)
    for transpose in tensor.transposes {
      readers += ends(
        reading: model.outputs(of: transpose)[0], tensor.layout.other, in: model, without: [])
    }
    links.append(Link(producer: producer, readers: readers))
    connect(producer, readers)
  }

  private func ends(
    reading value: ValueID, _ layout: RegionLayout, in model: Model, without transposes: [NodeID]
  ) -> [LayoutEnd] {
    model.uses(of: value).filter { !transposes.contains($0.user) }.map { use in
      region.reader(use).map(LayoutEnd.free) ?? .fixed(layout)
    }
  }

  /// One unit is cut where a reader is on the other side than the producer, however many there are.
  private mutating func connect(_ producer: LayoutEnd, _ readers: [LayoutEnd]) {
    let start = vertex(producer)
    let toReaders = cut.addVertex(), fromReaders = cut.addVertex()
    cut.connect(start, toReaders, 1)
    cut.connect(fromReaders, start, 1)
    for reader in readers {
      cut.connect(toReaders, vertex(reader), MinimumCut.unlimited)
      cut.connect(vertex(reader), fromReaders, MinimumCut.unlimited)
    }
  }

  private func vertex(_ end: LayoutEnd) -> Int {
    switch end {
    case .fixed(.a): MinimumCut.source
    case .fixed(.b): MinimumCut.sink
    case .free(let node): vertices[node]
    }
  }
}
