import Foundation
import TensorCore

/// What a worker is asked. Ids are chosen by whoever asks. Blobs follow in the order of the fields.
enum WorkerRequest: Codable, Sendable {
  /// Loads the engine.
  case start(libraryPath: String?)
  case openDataset(id: Int, path: String, fingerprint: String)
  case sendDataset(id: Int, source: String, columns: [NamedTensorRecord])
  case createSession(id: Int, source: SourceRecord, options: SessionOptions)
  case closeSessions(ids: [Int])
  case evaluate(EvaluateRequest)
  case run(session: Int, inputs: [NamedTensorRecord], outputs: [String]?)
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
  /// The tensors are blobs.
  case tensors([TensorRecord], runtimeNanoseconds: UInt64)
  /// For each session, nanoseconds of each run.
  case timings([[UInt64]])
  case path(String)
  case failure(message: String)
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
