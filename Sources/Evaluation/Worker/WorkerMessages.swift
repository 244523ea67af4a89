import Foundation
import TensorCore

/// What a worker is asked. Ids are chosen by whoever asks. Blobs follow in the order of the fields.
enum WorkerRequest: Codable, Sendable {
  /// Loads the engine, and limits the worker's memory.
  case start(libraryPath: String?, memoryLimit: Int? = nil)
  case openDataset(id: Int, path: String, fingerprint: String)
  case sendDataset(id: Int, source: String, columns: [NamedTensorRecord])
  case createSession(id: Int, source: SourceRecord, options: SessionOptions)
  /// Not answered.
  case closeSessions(ids: [Int])
  case evaluate(EvaluateRequest)
  case run(session: Int, inputs: [NamedTensorRecord], outputs: [String]?)
  /// Like `run`, in batches of the size that the session takes: the first axis of each input counts samples.
  case runRows(session: Int, inputs: [NamedTensorRecord], outputs: [String]?)
  case measureLatency(LatencyRequest)
  case endProfiling(session: Int)
}

struct NamedTensorRecord: Codable, Sendable {
  var name: String
  var tensor: TensorRecord
}

enum SourceRecord: Codable, Sendable {
  case bytes(count: Int, externalDataFolder: String?, name: String)
  case file(String)
}

/// Blobs: the sample indices as Int64, then the fixed inputs.
struct EvaluateRequest: Codable, Sendable {
  var session: Int
  var dataset: Int
  var sampleCount: Int
  var batchSize: Int
  var fixedInputs: [NamedTensorRecord]
  var outputs: [String]?
  /// Where the results stay in the worker; nil to have them in the answer.
  var kept: KeptResults?
}

/// Results as the columns of a data set, in the order of the outputs.
struct KeptResults: Codable, Sendable {
  var dataset: Int
  var columns: [String]
}

/// Every session reads the samples 0..<batchSize of the data set, besides its own fixed inputs.
struct LatencyRequest: Codable, Sendable {
  var sessions: [Int]
  var dataset: Int
  var batchSize: Int
  /// One list for each session.
  var fixedInputs: [[NamedTensorRecord]]
  var plan: LatencyPlan
}

enum WorkerResponse: Codable, Sendable {
  case started(runtime: String)
  case done
  case session(inputs: [ValueSignature], outputs: [ValueSignature])
  /// The tensors are blobs; none for results that are kept.
  case tensors([TensorRecord], runtimeNanoseconds: UInt64)
  /// For each session, nanoseconds of each measured run; in all, those of the warm-ups included.
  case timings([[UInt64]], runtimeNanoseconds: UInt64)
  case path(String)
  case failure(message: String)
}

extension WorkerResponse {
  /// What the engine's runs took.
  var runtimeSeconds: Double {
    switch self {
    case .tensors(_, let nanoseconds), .timings(_, let nanoseconds): Double(nanoseconds) / 1e9
    default: 0
    }
  }
}

extension Frame {
  init(_ message: some Encodable, _ blobs: BlobWriter = BlobWriter()) throws {
    header = try Array(JSONEncoder().encode(message))
    self.blobs = blobs
  }
}

/// A frame as it was received.
struct ReceivedFrame: Sendable {
  var header: [UInt8]
  var blobs: [UInt8]

  func decoded<Message: Decodable>(as type: Message.Type) throws -> Message {
    do {
      return try JSONDecoder().decode(type, from: Data(header))
    } catch is DecodingError {
      throw WorkerError.garbage
    }
  }
}
