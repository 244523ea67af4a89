import TensorCore

/// An equation such as `bij,bjk->bik` or `...ij->...ji`, in NumPy's notation.
struct EinsumEquation {
  /// A letter, or "." for the axes that an ellipsis stands for.
  typealias Label = Character

  let operands: [[Label]]
  let output: [Label]

  init?(_ text: String) {
    let compact = text.filter { $0 != " " }
    let sides = compact.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count <= 2, let left = sides.first else { return nil }
    let parsed = left.split(separator: ",", omittingEmptySubsequences: false).map(Self.labels)
    guard !parsed.contains(where: { $0 == nil }) else { return nil }
    operands = parsed.compactMap { $0 }
    if sides.count == 2 {
      guard let labels = Self.labels(sides[1]) else { return nil }
      output = labels
    } else {
      output = Self.implicitOutput(of: operands)
    }
  }

  private static func labels(_ text: Substring) -> [Label]? {
    let parts = text.split(separator: "...", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ $0.allSatisfy(\.isLetter) }) else { return nil }
    return Array(parts.map(String.init).joined(separator: "."))
  }

  /// The ellipsis, then all letters that stand only once, in alphabetical order.
  private static func implicitOutput(of operands: [[Label]]) -> [Label] {
    var counts: [Label: Int] = [:]
    for label in operands.joined() { counts[label, default: 0] += 1 }
    let letters = counts.filter { $0.value == 1 && $0.key != "." }.keys.sorted()
    return (counts["."] == nil ? [] : ["."]) + letters
  }

  /// The sizes that labels stand for, and those of the ellipsis; nil where a shape is unknown or does not fit.
  func sizes(of shapes: [Shape?]) -> (letters: [Label: Dimension], ellipsis: Shape)? {
    guard shapes.count == operands.count else { return nil }
    var letters: [Label: Dimension] = [:]
    var ellipsis = Shape.scalar
    for (labels, shape) in zip(operands, shapes) {
      guard let shape else { return nil }
      let hidden = shape.rank - labels.count { $0 != "." }
      guard hidden == 0 || hidden > 0 && labels.contains(".") else { return nil }
      var axis = 0
      for label in labels {
        if label == "." {
          let batch = Shape(Array(shape.dimensions[axis..<axis + hidden]))
          guard let both = ellipsis.broadcast(with: batch) else { return nil }
          ellipsis = both
          axis += hidden
        } else {
          guard let size = (letters[label] ?? 1).broadcast(with: shape[axis]) else { return nil }
          letters[label] = size
          axis += 1
        }
      }
    }
    return (letters: letters, ellipsis: ellipsis)
  }

  func outputShape(of shapes: [Shape?]) -> Shape? {
    guard let sizes = sizes(of: shapes) else { return nil }
    return Shape(
      output.flatMap { label in
        label == "." ? sizes.ellipsis.dimensions : [sizes.letters[label] ?? .unknown]
      })
  }
}
