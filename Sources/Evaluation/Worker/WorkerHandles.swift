import Synchronization

/// A session that a worker holds, or will hold again when it is next used.
public final class SessionHandle: Sendable {
  let identifier: Int
  let source: SessionSource
  let options: SessionOptions
  private let client: EvaluationClient
  private let signatures = Mutex<(inputs: [ValueSignature], outputs: [ValueSignature])>(([], []))

  init(identifier: Int, source: SessionSource, options: SessionOptions, client: EvaluationClient) {
    self.identifier = identifier
    self.source = source
    self.options = options
    self.client = client
  }

  deinit { client.discard(session: identifier) }

  public var inputs: [ValueSignature] { signatures.withLock { $0.inputs } }

  public var outputs: [ValueSignature] { signatures.withLock { $0.outputs } }

  func declare(inputs: [ValueSignature], outputs: [ValueSignature]) {
    signatures.withLock { $0 = (inputs, outputs) }
  }
}

/// Samples that a worker holds, or will hold when they are next used.
public struct DatasetHandle: Sendable {
  let identifier: Int
  public let dataset: Dataset
}
