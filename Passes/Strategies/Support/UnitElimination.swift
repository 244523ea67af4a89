/// The order in which units are best given up, such as the channels of a group (optimal brain surgeon, structured).
///
/// What reads them makes up for each loss by least squares (`ColumnElimination`). See Kurtić, Frantar &
/// Alistarh, "ZipLM" (2023).
struct UnitElimination {
  /// At most so many rounds; of many units several go in each.
  static let mostRounds = 128

  private(set) var order: [Int32] = []
  /// For each number of units given up: the squared error relative to the variation of the outputs, summed over the
  /// readers.
  private(set) var errors: [Double] = [0]
  private var readers: [Reader]
  private var remaining: [Int32]

  init(_ units: [Int32], readers: [Reader]) {
    (remaining, self.readers) = (units, readers)
  }

  /// Gives up all but `count` units.
  mutating func run(downTo count: Int) {
    let portion = max(1, remaining.count / Self.mostRounds)
    while remaining.count > count {
      let costs = remaining.map { unit in readers.reduce(0) { $0 + $1.cost(of: unit) } }
      let cheapest = remaining.indices.sorted { (costs[$0], remaining[$0]) < (costs[$1], remaining[$1]) }
      let chosen = cheapest.prefix(min(portion, remaining.count - count))
      guard chosen.allSatisfy({ costs[$0].isFinite }), remove(chosen.map { remaining[$0] }) else { return }
    }
  }

  private mutating func remove(_ units: [Int32]) -> Bool {
    var error = errors[errors.count - 1]
    for index in readers.indices {
      guard let cost = readers[index].eliminate(units) else { return false }
      error += cost
    }
    // Within a portion, the error grows evenly.
    let start = errors[errors.count - 1]
    for step in 1...units.count {
      errors.append(start + (error - start) * Double(step) / Double(units.count))
    }
    order += units
    let gone = Set(units)
    remaining.removeAll { gone.contains($0) }
    return true
  }
}

extension UnitElimination {
  /// The weights of what reads units while they are given up.
  struct Reader {
    var elimination: ColumnElimination
    /// The columns that go with each unit.
    let columnsOf: [Int32: [Int]]
    /// What squared errors are divided by.
    let scale: Double

    func cost(of unit: Int32) -> Double { columnsOf[unit].map { elimination.cost(of: $0) / scale } ?? 0 }

    /// - Returns: what it costs; nil where rounding has made an end of it.
    mutating func eliminate(_ units: [Int32]) -> Double? {
      elimination.eliminate(units.flatMap { columnsOf[$0] ?? [] }).map { $0 / scale }
    }
  }
}

extension UnitElimination.Reader {
  /// A layer. Nil where its covariance is singular.
  init?(_ covariance: ChannelCovariance, classOf: [Int32]) {
    guard let inverse = covariance.inverse() else { return nil }
    var columnsOf: [Int32: [Int]] = [:]
    for (index, channel) in covariance.layer.channels.enumerated() {
      let taps = covariance.layer.taps
      columnsOf[classOf[Int(channel)], default: []] += (index * taps)..<((index + 1) * taps)
    }
    self.init(
      elimination: ColumnElimination(inverse: inverse, weights: covariance.layer.weights.transposed),
      columnsOf: columnsOf, scale: max(covariance.variation, .leastNormalMagnitude))
  }
}
