import GraphIR

/// What an `SVMClassifier` or `SVMRegressor` compares rows with: vectors [count, columns], coefficients, and a constant
/// for each score.
struct SupportVectors {
  enum Kernel: String {
    /// ⟨x, v⟩
    case linear = "LINEAR"
    /// (γ · ⟨x, v⟩ + c)ⁿ
    case polynomial = "POLY"
    /// tanh(γ · ⟨x, v⟩ + c)
    case sigmoid = "SIGMOID"
    /// exp(−γ · ‖x − v‖²)
    case radial = "RBF"
  }

  let kernel: Kernel
  let columns: Int
  private(set) var vectors: [Float]
  /// γ, c and n; empty where the kernel is linear and has none.
  private(set) var parameters: [Float]
  private(set) var constants: [Float]
  /// For a classifier [classes − 1, count]: what each class's vectors count against the other classes, in their order.
  let coefficients: [Float]
  /// How many vectors each class has; those of a regressor are one class.
  let classes: [Int]

  /// Nil where there are no vectors, or the lists do not fit `columns` and one another.
  init?(_ node: NodeID, _ columns: Int, in model: Model) {
    func floats(_ name: String) -> [Float] { model.attribute(name, of: node)?.floats ?? [] }
    vectors = floats("support_vectors")
    guard columns > 0, !vectors.isEmpty, vectors.count % columns == 0,
      let kernel = Kernel(rawValue: Self.kernelName(of: node, in: model))
    else { return nil }
    self.kernel = kernel
    self.columns = columns
    (parameters, constants, coefficients) = (floats("kernel_params"), floats("rho"), floats("coefficients"))
    classes = Self.classes(of: node, in: model)
    guard kernel == .linear || parameters.count == 3, hasFittingLists else { return nil }
  }

  private static func kernelName(of node: NodeID, in model: Model) -> String {
    (try? model.view(of: node).string("kernel_type")) ?? ""
  }

  private static func classes(of node: NodeID, in model: Model) -> [Int] {
    switch model.operatorName(of: node).name {
    case "SVMRegressor": model.attribute("n_supports", of: node)?.int.map { [Int($0)] } ?? []
    case "SVMClassifier":
      (model.attribute("vectors_per_class", of: node)?.ints).flatMap {
        $0.count > 1 ? $0.map { Int($0) } : nil
      } ?? []
    default: []
    }
  }

  var count: Int { vectors.count / columns }
  var isRegressor: Bool { classes.count == 1 }

  private var hasFittingLists: Bool {
    guard !classes.isEmpty, classes.allSatisfy({ (0...count).contains($0) }), classes.reduce(0, +) == count
    else { return false }
    if isRegressor { return coefficients.count == count && constants.count == 1 }
    return coefficients.count == (classes.count - 1) * count
      && constants.count == classes.count * (classes.count - 1) / 2
  }
}

extension SupportVectors {
  /// The same scores of columns x for what these give of factor · x + shift; nil where no vectors do that, or a number
  /// is not finite.
  func reading(_ lines: [(factor: Double, shift: Double)]) -> SupportVectors? {
    guard lines.count == columns else { return nil }
    var result = self
    switch kernel {
    case .radial: guard result.standBackwards(lines) else { return nil }
    case .linear:
      guard addUp(lines) else { return nil }
      let shifts = constantShifts(lines)
      result.constants = zip(constants, shifts).map { Float(Double($0) + $1) }
      result.scale(by: lines.map(\.factor))
    case .polynomial, .sigmoid:
      guard lines.allSatisfy({ $0.shift == 0 }) else { return nil }
      result.scale(by: lines.map(\.factor))
    }
    let isFinite = (result.vectors + result.parameters + result.constants).allSatisfy(\.isFinite)
    return isFinite ? result : nil
  }

  private mutating func scale(by factors: [Double]) {
    for index in vectors.indices { vectors[index] = Float(Double(vectors[index]) * factors[index % columns]) }
  }

  /// ‖f · x + s − v‖² is f² · ‖x − (v − s) / f‖², where f is the same for all columns.
  private mutating func standBackwards(_ lines: [(factor: Double, shift: Double)]) -> Bool {
    let factor = lines[0].factor
    let gamma = Float(Double(parameters[0]) * factor * factor)
    guard factor != 0, lines.allSatisfy({ $0.factor == factor }), gamma.isNormal else { return false }
    for index in vectors.indices {
      vectors[index] = Float((Double(vectors[index]) - lines[index % columns].shift) / factor)
    }
    parameters[0] = gamma
    return true
  }

  /// What the shifts add to each score of linear vectors.
  private func constantShifts(_ lines: [(factor: Double, shift: Double)]) -> [Double] {
    let products = (0..<count).map { vector in
      lines.indices.reduce(0) { $0 + Double(vectors[vector * columns + $1]) * lines[$1].shift }
    }
    return scores.map { $0.reduce(0) { $0 + coefficient($1) * products[$1.vector] } }
  }

  /// Whether the vectors of each score add up to something beside their sizes: else the score is what rounding left of
  /// them, and other vectors leave something else.
  private func addUp(_ lines: [(factor: Double, shift: Double)]) -> Bool {
    scores.allSatisfy { terms in
      var sums = [Double](repeating: 0, count: columns), size = 0.0
      for term in terms {
        for column in 0..<columns {
          let product = coefficient(term) * Double(vectors[term.vector * columns + column])
          sums[column] += product
          size += abs(product) * max(1, abs(lines[column].shift))
        }
      }
      return size <= Self.largestRatio * sums.reduce(0) { $0 + abs($1) }
    }
  }

  /// Ten of 24 binary digits.
  static let largestRatio = 1024.0

  /// A vector that counts for a score, and the row of its coefficient.
  typealias ScoreTerm = (row: Int, vector: Int)

  func coefficient(_ term: ScoreTerm) -> Double {
    Double(coefficients[term.row * count + term.vector])
  }

  /// The vectors of each class.
  var parts: [Range<Int>] {
    var parts: [Range<Int>] = []
    for size in classes {
      let start = parts.last?.upperBound ?? 0
      parts.append(start..<start + size)
    }
    return parts
  }

  /// The terms of each score: one score for a regressor, else one for each pair of classes.
  var scores: [[ScoreTerm]] {
    if isRegressor { return [(0..<count).map { (row: 0, vector: $0) }] }
    let places = parts
    return places.indices.flatMap { first in
      (first + 1..<places.count).map { second in
        places[first].map { (row: second - 1, vector: $0) } + places[second].map { (row: first, vector: $0) }
      }
    }
  }
}
