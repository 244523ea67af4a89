/// A plan that held-back samples were asked about.
public struct LookRecord: Hashable, Sendable {
  public var plan: Fingerprint
  /// For people.
  public var title: String
  public var samples: Int
  /// Of the error probability.
  public var errorShare: Double
  public var isAccepted: Bool
  /// Nil where the plan could not be measured.
  public var loss: Double?
  public var upperBound: Double?

  public init(
    plan: Fingerprint, title: String, samples: Int, errorShare: Double, isAccepted: Bool, loss: Double?,
    upperBound: Double?
  ) {
    self.plan = plan
    self.title = title
    self.samples = samples
    self.errorShare = errorShare
    self.isAccepted = isAccepted
    self.loss = loss
    self.upperBound = upperBound
  }
}

extension Journal {
  public func add(_ look: LookRecord) throws {
    try database.run(
      """
      INSERT INTO look (plan, title, samples, error_share, accepted, loss, upper_bound)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text("\(look.plan)"), .text(look.title), .integer(look.samples), .real(look.errorShare),
        .integer(look.isAccepted ? 1 : 0), look.loss.map { .real($0) } ?? .null,
        look.upperBound.map { .real($0) } ?? .null,
      ])
  }

  /// Which part of the error other plans have spent, or the same on other numbers of samples: a run that is repeated
  /// looks at the same plans again, and learns nothing new.
  public func spentOnLooks(without plans: [Fingerprint], samples: Int) throws -> Double {
    let rows = try database.rows("SELECT DISTINCT plan, samples, error_share FROM look")
    let same = Set(plans.map(\.description))
    return rows.filter { !(same.contains($0[0].text ?? "") && $0[1].integer == samples) }
      .reduce(0) { $0 + ($1[2].real ?? 1) }
  }

  /// The part of the error that a further look may spend: half of what is left, or what the same look had.
  public func shareOfLook(at plan: Fingerprint, samples: Int) throws -> Double {
    let same = try database.rows(
      "SELECT error_share FROM look WHERE plan = ? AND samples = ? ORDER BY id",
      [.text("\(plan)"), .integer(samples)])
    if let share = same.first?[0].real { return share }
    return try max(0, 1 - spentOnLooks(without: [], samples: samples)) / 2
  }

  public func lookCount() throws -> Int { try database.rows("SELECT count(*) FROM look")[0][0].integer ?? 0 }
}
