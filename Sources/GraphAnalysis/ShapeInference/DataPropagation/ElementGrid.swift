import TensorCore

/// The elements of a small tensor of known sizes, row-major.
struct ElementGrid {
  let sizes: [Int]
  let elements: [Dimension]

  /// Nil where the elements do not fill the sizes.
  init?(_ elements: [Dimension], sizes: [Int]) {
    guard sizes.allSatisfy({ $0 >= 0 }), Self.count(of: sizes) == elements.count else { return nil }
    self.sizes = sizes
    self.elements = elements
  }

  var rank: Int { sizes.count }

  /// How many elements the sizes hold; nil beyond what is followed.
  static func count(of sizes: [Int]) -> Int? {
    var count = 1
    for size in sizes {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= KnownElements.maximumCount, product >= 0 else { return nil }
      count = product
    }
    return count
  }

  private var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in sizes.indices.reversed().dropFirst() { strides[axis] = strides[axis + 1] * sizes[axis + 1] }
    return strides
  }

  /// The grid of `sizes` whose element at each place is this one's at `start` plus, along every axis of the
  /// result, `steps` offsets.
  private func gathered(_ sizes: [Int], start: Int, steps: [Int]) -> ElementGrid? {
    guard let count = Self.count(of: sizes) else { return nil }
    var result: [Dimension] = []
    result.reserveCapacity(count)
    var place = [Int](repeating: 0, count: sizes.count)
    for _ in 0..<count {
      let offset = zip(place, steps).reduce(start) { $0 + $1.0 * $1.1 }
      guard elements.indices.contains(offset) else { return nil }
      result.append(elements[offset])
      for axis in place.indices.reversed() {
        place[axis] += 1
        if place[axis] < sizes[axis] { break }
        place[axis] = 0
      }
    }
    return ElementGrid(result, sizes: sizes)
  }

  // MARK: Moving elements

  func transposed(_ order: [Int]) -> ElementGrid? {
    guard order.sorted() == Array(sizes.indices) else { return nil }
    let strides = strides
    return gathered(order.map { sizes[$0] }, start: 0, steps: order.map { strides[$0] })
  }

  func broadcast(to target: [Int]) -> ElementGrid? {
    let missing = target.count - rank
    guard missing >= 0 else { return nil }
    let strides = strides
    var steps = [Int](repeating: 0, count: target.count)
    for axis in sizes.indices where sizes[axis] != 1 {
      guard sizes[axis] == target[missing + axis] else { return nil }
      steps[missing + axis] = strides[axis]
    }
    return gathered(target, start: 0, steps: steps)
  }

  /// `count` elements along `axis`, from `start` in steps.
  func sliced(axis: Int, start: Int, step: Int, count: Int) -> ElementGrid? {
    guard sizes.indices.contains(axis), count >= 0 else { return nil }
    var result = sizes
    result[axis] = count
    var steps = strides
    let (first, overflow) = start.multipliedReportingOverflow(by: steps[axis])
    let (stride, strideOverflow) = step.multipliedReportingOverflow(by: steps[axis])
    guard !overflow, !strideOverflow, count < 2 || abs(stride) <= KnownElements.maximumCount else {
      return nil
    }
    steps[axis] = count < 2 ? 0 : stride
    return gathered(result, start: first, steps: steps)
  }

  /// The slices at `places` along `axis`, as that many slices in a row.
  func picked(_ places: [Int], axis: Int) -> ElementGrid? {
    let slices = places.map { sliced(axis: axis, start: $0, step: 1, count: 1) }
    return Self.joined(slices.compactMap { $0 }, axis: axis, count: places.count)
  }

  /// Grids one after another along `axis`; nil where there are not `count`, or sizes do not fit.
  static func joined(_ grids: [ElementGrid], axis: Int, count: Int) -> ElementGrid? {
    guard grids.count == count, let first = grids.first, first.sizes.indices.contains(axis) else {
      return nil
    }
    var sizes = first.sizes
    sizes[axis] = 0
    for grid in grids {
      guard grid.rank == first.rank else { return nil }
      sizes[axis] += grid.sizes[axis]
    }
    guard Self.count(of: sizes) != nil, let rows = Self.count(of: Array(sizes.prefix(axis))) else {
      return nil
    }
    var result: [Dimension] = []
    for row in 0..<rows {
      for grid in grids {
        let length = rows == 0 ? 0 : grid.elements.count / rows
        result += grid.elements[row * length..<(row + 1) * length]
      }
    }
    return ElementGrid(result, sizes: sizes)
  }

  /// One element for all that differ along `axes` only, in the order of the axes that are left.
  func reduced(_ axes: [Int], _ combine: (Dimension, Dimension) -> Dimension) -> [Dimension]? {
    let kept = sizes.indices.filter { !axes.contains($0) }
    guard let grid = transposed(kept + axes), let rows = Self.count(of: kept.map { sizes[$0] }), rows > 0,
      !grid.elements.isEmpty
    else { return nil }
    let length = grid.elements.count / rows
    return (0..<rows).map { row in
      let part = grid.elements[row * length..<(row + 1) * length]
      return part.dropFirst().reduce(part[part.startIndex], combine)
    }
  }
}

extension InferenceContext {
  /// The elements of an input with their sizes, where both are known.
  func grid(_ index: Int) -> ElementGrid? {
    guard let elements = elements(index), let shape = shape(index) else { return nil }
    if shape.rank == 1 { return ElementGrid(elements, sizes: [elements.count]) }
    return shape.fixedSizes.flatMap { ElementGrid(elements, sizes: $0) }
  }
}
