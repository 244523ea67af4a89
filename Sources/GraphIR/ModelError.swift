/// Bad input: what is wrong, where, and the way out if there is one.
public struct ModelError: Error, Sendable {
  /// Lower case, without a full stop.
  public var message: String
  /// The node that is meant, by name and operator.
  public var node: String?
  public var file: String?
  public var hint: String?

  public init(_ message: String, node: String? = nil, file: String? = nil, hint: String? = nil) {
    self.message = message
    self.node = node
    self.file = file
    self.hint = hint
  }

  /// The same error, known to concern `file`.
  public func inFile(_ file: String) -> ModelError {
    var error = self
    error.file = error.file ?? file
    return error
  }
}

extension ModelError: CustomStringConvertible {
  public var description: String {
    [file, node.map { "node \($0)" }, message].compactMap { $0 }.joined(separator: ": ")
  }
}
