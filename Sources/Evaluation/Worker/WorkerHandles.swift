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
  enum Source: Sendable {
    case dataset(Dataset)
    indirect case results(SessionResults)
  }

  /// Unlike that of every other handle of the client.
  public let identifier: Int
  let source: Source
  /// The number of samples.
  public let count: Int
}

/// What a session gives for some samples. It is computed in the worker and stays there, so that nothing of it
/// passes between the processes; a worker that takes the place of a lost one computes it again.
struct SessionResults: Sendable {
  let session: SessionHandle
  let output: String
  let dataset: DatasetHandle
  let samples: [Int]
  let batchSize: Int
  /// What the column of the new data set is called.
  let column: String
  /// Seconds that computing it may take.
  let timeout: Double
}
