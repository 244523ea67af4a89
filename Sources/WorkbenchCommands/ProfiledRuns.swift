import CommandLineKit
import Evaluation
import Foundation
import TensorCore

/// Runs of models in turn, with the runtime's own trace of what each node takes.
struct ProfiledRuns {
  let client: EvaluationClient
  var batch: Int
  /// That are measured, after some that warm up.
  var count: Int
  /// For all of them, each model at least three.
  var secondsLimit: Double
  var optimization: SessionOptions.Optimization
  var threads: Int

  private static let warmUps = 3

  /// - Parameter inputs: for at least one batch.
  func times(of paths: [FilePath], on inputs: Dataset) throws -> [NodeTimes] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "workbench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let sessions = try paths.enumerated().map { index, path in
      let options = SessionOptions(
        optimization: optimization, threads: threads, profilePrefix: folder.appending(path: "\(index)").path)
      return try client.session(ModelFile.source(of: ModelFile.read(path), readFrom: path), options)
    }
    let plan = LatencyPlan(warmUps: Self.warmUps, repetitions: count, secondsLimit: secondsLimit)
    _ = try client.latency(of: sessions, on: client.dataset(inputs), batchSize: batch, plan: plan)
    return try sessions.map { session in
      NodeTimes(try OnnxProfile(path: client.endProfiling(session)), warmUps: Self.warmUps)
    }
  }
}
