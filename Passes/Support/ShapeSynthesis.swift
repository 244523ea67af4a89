import GraphIR
import TensorCore

/// Finds short computations of vectors of sizes, from the sizes of values that are at hand.
struct ShapeSynthesis {
  /// A value whose sizes can be read, and where it is defined: −1 for inputs of the graph, else the position
  /// of its node.
  struct Source {
    var value: ValueID
    var shape: Shape
    var position: Int
  }

  private struct Place: Hashable {
    var source: Int
    var axis: Int
  }

  private let sources: [Source]
  private let places: [Dimension: [Place]]
  private let opset: Int
  private var known: [[Dimension]: ShapeTerm?] = [:]

  /// - Parameter sources: those that are defined first come first; of equal shapes, only the first counts.
  init(_ sources: [Source], opset: Int) {
    var seen: Set<Shape> = []
    self.sources = sources.filter { seen.insert($0.shape).inserted }
    self.opset = opset
    var places: [Dimension: [Place]] = [:]
    for (index, source) in self.sources.enumerated() {
      for (axis, size) in source.shape.dimensions.enumerated() where size.fixedSize == nil && !size.isUnknown
      {
        places[size, default: []].append(Place(source: index, axis: axis))
      }
    }
    // The first few are as good as all.
    self.places = places.mapValues { Array($0.prefix(4)) }
  }

  /// A term for a vector of these elements, or for a scalar; nil where none was found.
  mutating func term(for elements: [Dimension], isScalar: Bool) -> ShapeTerm? {
    guard !elements.isEmpty, elements.count <= 16, !elements.contains(where: \.isUnknown) else { return nil }
    guard let vector = vector(elements) else { return nil }
    return isScalar ? .scalar(vector) : vector
  }

  // MARK: Parts

  /// The cheapest way to part the vector.
  private mutating func vector(_ elements: [Dimension]) -> ShapeTerm? {
    var best: [(cost: Int, parts: [ShapeTerm])?] = [(cost: 0, parts: [])]
    for end in 1...elements.count {
      var choice: (cost: Int, parts: [ShapeTerm])?
      for start in 0..<end {
        guard let before = best[start], let part = lanes(Array(elements[start..<end]), depth: 6) else {
          continue
        }
        // Each part makes a longer list, which decides between equals.
        let cost = before.cost + 16 * part.cost + 1
        if choice.map({ cost < $0.cost }) ?? true { choice = (cost: cost, parts: before.parts + [part]) }
      }
      best.append(choice)
    }
    guard let parts = best[elements.count]?.parts else { return nil }
    return parts.count == 1 ? parts[0] : .concat(parts)
  }

  /// All elements by the same operations.
  private mutating func lanes(_ elements: [Dimension], depth: Int) -> ShapeTerm? {
    if let found = known[elements] { return found }
    let numbers = elements.compactMap(\.fixedSize)
    if numbers.count == elements.count { return .constant(numbers) }
    if let sizes = sizes(elements) { return sizes }
    guard depth > 0, numbers.isEmpty else { return nil }
    let term = sum(elements, depth: depth) ?? product(elements, depth: depth) ?? terms(elements, depth: depth)
    known[elements] = .some(term)
    return term
  }

  private func sizes(_ elements: [Dimension]) -> ShapeTerm? {
    for place in places[elements[0]] ?? [] {
      let (shape, end) = (sources[place.source].shape, place.axis + elements.count)
      guard end <= shape.rank, Array(shape.dimensions[place.axis..<end]) == elements else { continue }
      return .sizes(of: sources[place.source].value, start: place.axis, end: end)
    }
    return nil
  }

  // MARK: Operations

  /// A size that is at hand, plus or minus what is left.
  private mutating func sum(_ elements: [Dimension], depth: Int) -> ShapeTerm? {
    guard let first = elements[0].expression, first.summands.count > 1 else { return nil }
    var best: ShapeTerm?
    for place in addends(of: first) {
      let (source, end) = (sources[place.source], place.axis + elements.count)
      guard end <= source.shape.rank else { continue }
      let part = Array(source.shape.dimensions[place.axis..<end])
      let rest = zip(elements, part).map { $0 - $1 }
      guard let left = rest[0].expression, left.summands.count < first.summands.count else { continue }
      let isNegative = (left.summands.first?.coefficient ?? 0) < 0
      guard let other = lanes(isNegative ? rest.map { 0 - $0 } : rest, depth: depth - 1) else { continue }
      let sizes = ShapeTerm.sizes(of: source.value, start: place.axis, end: end)
      let term = ShapeTerm.arithmetic(isNegative ? "Sub" : "Add", sizes, other)
      if best.map({ term.cost < $0.cost }) ?? true { best = term }
    }
    return best
  }

  /// Sizes at hand that have a term in common with `expression`, in a fixed order.
  private func addends(of expression: DimensionExpression) -> [Place] {
    let products = Set(expression.summands.filter { !$0.factors.isEmpty }.map(\.factors))
    return places.filter { size, _ in
      size.expression?.summands.contains { products.contains($0.factors) } ?? false
    }.values.flatMap { $0 }.sorted { ($0.source, $0.axis) < ($1.source, $1.axis) }
  }

  /// A number times a size, a product, or an operation that has no polynomial form.
  private mutating func product(_ elements: [Dimension], depth: Int) -> ShapeTerm? {
    let terms = elements.compactMap { $0.expression?.summands }.filter { $0.count == 1 }.map { $0[0] }
    guard terms.count == elements.count, terms.allSatisfy({ !$0.factors.isEmpty }) else { return nil }
    if terms.contains(where: { $0.coefficient != 1 }) {
      let factors = terms.map { Dimension(DimensionExpression([.init(1, times: $0.factors)])) }
      let numbers = terms.map(\.coefficient)
      return lanes(factors, depth: depth - 1).map {
        .arithmetic("Mul", $0, .constant(Set(numbers).count == 1 ? [numbers[0]] : numbers))
      }
    }
    guard terms.contains(where: { $0.factors.count > 1 }) else {
      return operation(terms.map { $0.factors[0] }, depth)
    }
    let first = terms.map { Dimension(DimensionExpression([.init(1, times: [$0.factors[0]])])) }
    let rest = terms.map { Dimension(DimensionExpression([.init(1, times: Array($0.factors.dropFirst()))])) }
    guard let a = lanes(first, depth: depth - 1), let b = lanes(rest, depth: depth - 1) else { return nil }
    return .arithmetic("Mul", a, b)
  }

  private mutating func operation(_ factors: [DimensionExpression.Factor], _ depth: Int) -> ShapeTerm? {
    var name: String?
    var operands: [(a: Dimension, b: Dimension)] = []
    for factor in factors {
      guard let (operation, a, b) = factor.operation, operation == name ?? operation else { return nil }
      // Integers are divided towards zero.
      guard operation != "Div" || (a.isKnownNonNegative && (b.fixedSize ?? 0) > 0) else { return nil }
      guard operation == "Div" || opset >= 12 else { return nil }
      name = operation
      operands.append((a: a, b: b))
    }
    guard let name, let a = lanes(operands.map(\.a), depth: depth - 1) else { return nil }
    guard let b = lanes(operands.map(\.b), depth: depth - 1) else { return nil }
    return .arithmetic(name, a, b)
  }

  /// The first term, plus or minus the others.
  private mutating func terms(_ elements: [Dimension], depth: Int) -> ShapeTerm? {
    let sums = elements.compactMap { $0.expression?.summands }
    guard sums.count == elements.count, sums.allSatisfy({ $0.count > 1 && $0[0].coefficient > 0 }) else {
      return nil
    }
    let first = sums.map { Dimension(DimensionExpression([$0[0]])) }
    let rest = zip(elements, first).map { $0 - $1 }
    let isNegative = sums[0][1].coefficient < 0
    guard let a = lanes(first, depth: depth - 1),
      let b = lanes(isNegative ? rest.map { 0 - $0 } : rest, depth: depth - 1)
    else { return nil }
    return .arithmetic(isNegative ? "Sub" : "Add", a, b)
  }
}

extension DimensionExpression.Factor {
  fileprivate var operation: (name: String, a: Dimension, b: Dimension)? {
    switch self {
    case .symbol: nil
    case .floorDivision(let a, by: let b): (name: "Div", a: Dimension(a), b: Dimension(b))
    case .maximum(let a, let b): (name: "Max", a: Dimension(a), b: Dimension(b))
    case .minimum(let a, let b): (name: "Min", a: Dimension(a), b: Dimension(b))
    }
  }
}
