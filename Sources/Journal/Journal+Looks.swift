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

  /// How many plans held-back samples were asked about in all, and how much of the error that has spent.
  public func spentOnLooks() throws -> (looks: Int, errorShare: Double) {
    let row = try database.rows("SELECT count(*), total(error_share) FROM look")[0]
    return (row[0].integer ?? 0, row[1].real ?? 1)
  }
}
