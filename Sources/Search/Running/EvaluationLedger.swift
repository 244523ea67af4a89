/// What a search has spent: samples run, each weighted by the share of the original's multiply-accumulates that
/// the run executed.
public struct EvaluationLedger: Sendable {
  public struct Entry: Hashable, Sendable {
    public let stage: String
    /// In sample evaluations of the whole model.
    public var samples: Double { Double(units) / EvaluationLedger.unitsPerSample }
    /// Integers, so that sums do not depend on the order.
    fileprivate var units: Int
  }

  /// One for each stage, in the order in which they began.
  public private(set) var entries: [Entry] = []
  /// Which samples of a data set a stage has run, by their indices.
  struct Access: Hashable, Sendable {
    let stage: String
    let dataset: Int
    var samples: Set<Int>
  }

  fileprivate static let unitsPerSample = 1e6

  private(set) var accesses: [Access] = []
  /// What one full pass is.
  public let samplesPerPass: Int

  init(samplesPerPass: Int) {
    self.samplesPerPass = max(samplesPerPass, 1)
  }

  mutating func add(samples: Int, share: Double, stage: String) {
    add(cost: Double(samples) * share, stage: stage)
  }

  /// - Parameter cost: in sample evaluations of the whole model.
  mutating func add(cost spent: Double, stage: String) {
    let units = Int(exactly: (spent * Self.unitsPerSample).rounded()) ?? 0
    if let index = entries.firstIndex(where: { $0.stage == stage }) {
      entries[index].units += units
    } else {
      entries.append(Entry(stage: stage, units: units))
    }
  }

  mutating func note(_ samples: SampleSet, stage: String) {
    let dataset = samples.dataset.identifier
    if let index = accesses.firstIndex(where: { $0.stage == stage && $0.dataset == dataset }) {
      accesses[index].samples.formUnion(samples.indices)
    } else {
      accesses.append(Access(stage: stage, dataset: dataset, samples: Set(samples.indices)))
    }
  }

  /// In sample evaluations of the whole model.
  var samples: Double { Double(entries.reduce(0) { $0 + $1.units }) / Self.unitsPerSample }

  /// In full passes over the evaluation data.
  public var passes: Double { samples / Double(samplesPerPass) }

  public func passes(of entry: Entry) -> Double { entry.samples / Double(samplesPerPass) }
}
