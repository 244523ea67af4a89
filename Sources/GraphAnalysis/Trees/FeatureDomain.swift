/// The values of one feature that reach a node of a tree: an interval, and perhaps NaN.
struct FeatureDomain: Equatable {
  private(set) var lower = -Double.infinity
  private(set) var isLowerOpen = false
  private(set) var upper = Double.infinity
  private(set) var isUpperOpen = false
  private(set) var mayBeNaN = true

  /// Whether nothing reaches the node.
  var isEmpty: Bool { !mayBeNaN && hasNoNumber }

  private var hasNoNumber: Bool { lower > upper || (lower == upper && (isLowerOpen || isUpperOpen)) }

  /// The values that take the given side of the branch.
  ///
  /// NaN goes where the branch says, except that runtimes and standard disagree on `notEqual`, and on sets only
  /// practice tells: there it may take either side. Comparing with NaN narrows nothing.
  func narrowed(by branch: DecisionBranch, takingTrueSide isTrue: Bool) -> FeatureDomain {
    guard !branch.threshold.isNaN else { return self }
    var domain = self
    switch branch.comparison {
    case .notEqual:
      domain.compare(.equal, branch.threshold, isTrue: !isTrue)
      return domain
    case .member:
      if isTrue { domain.narrow(toMembers: branch.members) }
      return domain
    case .lessOrEqual, .less, .greaterOrEqual, .greater, .equal:
      domain.compare(branch.comparison, branch.threshold, isTrue: isTrue)
      domain.mayBeNaN = mayBeNaN && branch.missingIsTrue == isTrue
      return domain
    }
  }

  private mutating func compare(_ comparison: TreeComparison, _ value: Double, isTrue: Bool) {
    switch (comparison, isTrue) {
    case (.lessOrEqual, true), (.greater, false): narrow(below: value, isOpen: false)
    case (.less, true), (.greaterOrEqual, false): narrow(below: value, isOpen: true)
    case (.greaterOrEqual, true), (.less, false): narrow(above: value, isOpen: false)
    case (.greater, true), (.lessOrEqual, false): narrow(above: value, isOpen: true)
    case (.equal, true):
      narrow(above: value, isOpen: false)
      narrow(below: value, isOpen: false)
    case (.equal, false): exclude(value)
    default: break
    }
  }

  private mutating func narrow(below value: Double, isOpen: Bool) {
    if value < upper {
      (upper, isUpperOpen) = (value, isOpen)
    } else if value == upper {
      isUpperOpen = isUpperOpen || isOpen
    }
  }

  private mutating func narrow(above value: Double, isOpen: Bool) {
    if value > lower {
      (lower, isLowerOpen) = (value, isOpen)
    } else if value == lower {
      isLowerOpen = isLowerOpen || isOpen
    }
  }

  /// An interval can lose its ends only.
  private mutating func exclude(_ value: Double) {
    if value == lower { isLowerOpen = true }
    if value == upper { isUpperOpen = true }
  }

  private mutating func narrow(toMembers members: [Double]) {
    guard let least = members.min(), let greatest = members.max() else { return }
    narrow(above: least, isOpen: false)
    narrow(below: greatest, isOpen: false)
  }
}
