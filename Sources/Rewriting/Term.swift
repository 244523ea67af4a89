import GraphIR
import TensorCore

/// A tree of operators over variables: a pattern on the left of a rewrite, what to build on its right.
public struct Term: Sendable {
  indirect enum Kind: Sendable {
    case variable(Var)
    case constant(Constant)
    case optionalConstant(OptionalConstant)
    case variadic(Variadic)
    /// A literal. As a pattern: a constant all of whose elements are this number.
    case number(Double)
    /// Only on the right.
    case tensor(Tensor)
    case value(ValueID)
    /// An input that is left out.
    case absent
    case either([Term])
    case node(NodeTerm)
  }

  var kind: Kind
}

/// One operator application within a term.
struct NodeTerm: Sendable {
  var op: OperatorName
  var inputs: [Term]
  var attributes: AttributeList
  var capture: Capture?
  var isCommuting = false
  /// Which of the node's outputs the term is.
  var output = 0
  var outputCount = 1
}

extension Term {
  /// Matches the two inputs in either order.
  public var commuting: Term {
    mapNode { $0.isCommuting = true }
  }

  /// The output at `index` instead of the first.
  public func output(_ index: Int) -> Term {
    mapNode {
      $0.output = index
      $0.outputCount = max($0.outputCount, index + 1)
    }
  }

  /// Matches what either of the two does; the first that does counts.
  public func or(_ other: some TermConvertible) -> Term {
    if case .either(let terms) = kind { return Term(kind: .either(terms + [other.term])) }
    return Term(kind: .either([self, other.term]))
  }

  /// An input that is left out.
  public static let absent = Term(kind: .absent)

  private func mapNode(_ change: (inout NodeTerm) -> Void) -> Term {
    guard case .node(var node) = kind else { return self }
    change(&node)
    return Term(kind: .node(node))
  }
}

/// What can stand for a value in a term.
public protocol TermConvertible: SendableMetatype {
  var term: Term { get }
}

extension Term: TermConvertible {
  public var term: Term { self }
}

extension Var: TermConvertible {
  public var term: Term { Term(kind: .variable(self)) }
}

extension Constant: TermConvertible {
  public var term: Term { Term(kind: .constant(self)) }
}

extension OptionalConstant: TermConvertible {
  public var term: Term { Term(kind: .optionalConstant(self)) }
}

extension Variadic: TermConvertible {
  public var term: Term { Term(kind: .variadic(self)) }
}

extension Tensor: TermConvertible {
  public var term: Term { Term(kind: .tensor(self)) }
}

extension ValueID: TermConvertible {
  public var term: Term { Term(kind: .value(self)) }
}

extension Double: TermConvertible {
  public var term: Term { Term(kind: .number(self)) }
}

/// For inputs that a rule has or has not: `nil` is left out.
extension Optional: TermConvertible where Wrapped: TermConvertible {
  public var term: Term { self?.term ?? .absent }
}
