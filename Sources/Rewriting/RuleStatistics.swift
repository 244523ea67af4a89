/// How often rules were tried and applied, and why they refused.
public struct RuleStatistics: Sendable {
  public struct Counts: Sendable {
    /// Roots whose operator fits.
    public var tried = 0
    public var applied = 0
    /// Reasons of refusal after the pattern had matched, with their number.
    public var refusals: [String: Int] = [:]
  }

  public private(set) var byRule: [String: Counts] = [:]

  public init() {}

  mutating func noteTries(_ rule: String, _ count: Int) { byRule[rule, default: Counts()].tried += count }

  mutating func noteApplication(_ rule: String) { byRule[rule, default: Counts()].applied += 1 }

  mutating func noteRefusal(_ rule: String, _ reason: String) {
    byRule[rule, default: Counts()].refusals[reason, default: 0] += 1
  }

  public mutating func merge(_ other: RuleStatistics) {
    for (rule, counts) in other.byRule {
      byRule[rule, default: Counts()].tried += counts.tried
      byRule[rule, default: Counts()].applied += counts.applied
      byRule[rule, default: Counts()].refusals.merge(counts.refusals, uniquingKeysWith: +)
    }
  }

  public var applications: Int { byRule.values.reduce(0) { $0 + $1.applied } }
}
