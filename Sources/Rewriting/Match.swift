import GraphIR
import TensorCore

/// What a pattern's variables stand for, with typed access for the closures of rules.
///
/// It holds the model, so it must not outlive the probe that made it: an edit meanwhile would copy the tables.
public struct Match {
  public let model: Model
  public let root: NodeID
  var bindings: Bindings

  /// - Throws: `MatchFailure` with `reason` where `condition` does not hold.
  public func require(_ condition: @autoclosure () throws -> Bool, _ reason: @autoclosure () -> String) throws
  {
    guard try condition() else { throw MatchFailure(reason()) }
  }

  /// The value under `optional`, or `MatchFailure`.
  public func unwrap<Value>(_ optional: Value?, _ reason: @autoclosure () -> String) throws -> Value {
    guard let optional else { throw MatchFailure(reason()) }
    return optional
  }

  // MARK: Variables

  public subscript(variable: Var) -> ValueID {
    get throws {
      try unwrap(bindings.values[variable.name], "\(variable.name) is unbound")
    }
  }

  public subscript(constant: Constant) -> Tensor {
    get throws {
      try unwrap(self[optional: constant], "\(constant.name) is no constant")
    }
  }

  /// The tensor, or nil where the input is left out.
  public subscript(optional constant: Constant) -> Tensor? {
    bindings.values[constant.name].flatMap { model.constant($0) }
  }

  public subscript(variadic: Variadic) -> [ValueID?] {
    bindings.lists[variadic.name] ?? []
  }

  public subscript(capture: Capture) -> NodeView {
    get throws {
      NodeView(
        model: model, node: try unwrap(bindings.nodes[capture.name], "\(capture.name) is unbound"))
    }
  }

  /// The node of the same graph that computes `value`, for patterns that a term cannot say; nil for inputs,
  /// constants, and values of outer graphs.
  public func producer(of value: ValueID) -> NodeView? {
    guard let node = model.producer(of: value), model.graph(of: node) == model.graph(of: root) else {
      return nil
    }
    return NodeView(model: model, node: node)
  }

  public func contains(_ capture: Capture) -> Bool { bindings.nodes[capture.name] != nil }

  // MARK: Types

  public func type(of variable: Var) throws -> ValueType? { model.type(of: try self[variable]) }

  public func elementType(of variable: Var) throws -> ElementType {
    try unwrap(model.elementType(of: try self[variable]), "the element type of \(variable.name) is unknown")
  }

  public func shape(of variable: Var) throws -> Shape {
    try unwrap(model.shape(of: try self[variable]), "the shape of \(variable.name) is unknown")
  }

  /// The rank of the variable's value, or `MatchFailure` where it is unknown.
  public func rank(of variable: Var) throws -> Int { try shape(of: variable).rank }

  /// The version of the standard operators that the root's graph uses.
  public var opset: Int { model.opset("", in: model.graph(of: root)) ?? 0 }
}

/// Names to what they stand for.
struct Bindings: Sendable {
  var values: [String: ValueID] = [:]
  var lists: [String: [ValueID?]] = [:]
  var nodes: [String: NodeID] = [:]
  /// All nodes that the pattern covers, captured or not.
  var matched: Set<NodeID> = []
}

extension Match {
  /// A view of one node without a pattern, for passes that look at graphs with the same helpers as rules.
  public init(looking node: NodeID, in model: Model) {
    self.init(model: model, root: node, bindings: Bindings())
  }
}
