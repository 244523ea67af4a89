import TensorCore

/// An inference engine: what turns a model into a session that runs.
public protocol Runtime: Sendable {
  associatedtype Session: RuntimeSession

  /// Such as `ONNX Runtime`.
  var name: String { get }
  var version: String { get }

  /// - Throws: `RuntimeError` with the engine's own message.
  func makeSession(_ source: SessionSource, _ options: SessionOptions) throws -> Session
}

/// A model made ready to run.
public protocol RuntimeSession: AnyObject {
  associatedtype Run: PreparedRun

  var inputs: [ValueSignature] { get }
  var outputs: [ValueSignature] { get }

  /// Binds `inputs`, by name, so that the run itself does nothing but run.
  /// - Parameter outputs: the names of the wanted outputs, in order; nil for all.
  func prepare(_ inputs: [String: Tensor], outputs: [String]?) throws -> Run
}

/// Inputs bound to a session. Belongs to one thread at a time.
public protocol PreparedRun: AnyObject {
  /// Runs the model once; the result is the time inside the engine, in nanoseconds.
  func execute() throws -> UInt64

  /// What the last `execute()` gave, copied out of the engine, in the order of the wanted outputs.
  func results() throws -> [OutputValue]
}

extension RuntimeSession {
  /// Runs the model once.
  public func run(_ inputs: [String: Tensor], outputs: [String]? = nil) throws -> [OutputValue] {
    let run = try prepare(inputs, outputs: outputs)
    _ = try run.execute()
    return try run.results()
  }
}

/// Where a session's model comes from.
public enum SessionSource: Hashable, Sendable {
  /// - `externalDataFolder`: where external data of the bytes lies.
  /// - `name`: what messages call the model.
  case bytes([UInt8], externalDataFolder: String? = nil, name: String = "model")
  case file(String)

  /// What messages call the model.
  public var name: String {
    switch self {
    case .bytes(_, _, let name): name
    case .file(let path): path
    }
  }
}

/// What an engine refused or failed at, in its own words.
public struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The model that was loaded or run.
  public var model: String?
  public var message: String

  public init(_ message: String, model: String? = nil) {
    self.message = message
    self.model = model
  }

  public var description: String { model.map { "\($0): \(message)" } ?? message }
}
