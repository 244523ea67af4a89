import CommandLineKit
import Evaluation
import Foundation
import GraphIR

/// The samples that a search works with, and where they come from.
struct SearchData {
  let evaluation: Dataset
  let calibration: Dataset?
  let isSynthetic: Bool
  /// For people: what was found.
  let messages: [String]

  static let syntheticSampleCount = 1024

  /// Named files first, then those beside the model, then inputs drawn by their declared types.
  static func find(
    for model: Model, modelPath: FilePath, evaluation: FilePath?, calibration: FilePath?,
    labelColumn: String?,
    seed: Int, mustExist: Bool
  ) throws -> SearchData {
    let path = evaluation?.string ?? Dataset.find(.evaluation, besideModel: modelPath.string)
    guard let path else {
      guard !mustExist else {
        throw CommandError(
          "\(modelPath): no eval.npz beside it", help: ["name the data with --data, or drop --require-data"])
      }
      if let calibration {
        throw CommandError(
          "\(calibration): calibration needs samples to measure on as well", help: ["name them with --data"])
      }
      return try synthetic(for: model, modelPath: modelPath, seed: seed)
    }
    let inputs = model.inputSignatures
    let samples = try Dataset.load(path, for: inputs, labelColumn: labelColumn)
    let calibrationPath = calibration?.string ?? Dataset.find(.calibration, besideModel: modelPath.string)
    let calibrationSamples = try calibrationPath.map {
      try Dataset.load($0, for: inputs, labelColumn: labelColumn)
    }
    _ = try samples.binding(to: inputs)
    _ = try calibrationSamples?.binding(to: inputs)
    let reference = samples.references.isEmpty ? "" : ", compared with the outputs that are there"
    var messages = [
      "data: \(path), \(samples.count) samples\(samples.labels == nil ? " without labels\(reference)" : "")"
    ]
    if let calibrationPath { messages.append("calibration: \(calibrationPath)") }
    guard samples.count >= 8 else {
      throw CommandError(
        "\(path): \(samples.count) samples are too few to choose and to confirm",
        help: ["give at least 8, better thousands"])
    }
    return SearchData(
      evaluation: samples, calibration: calibrationSamples, isSynthetic: false, messages: messages)
  }

  private static func synthetic(for model: Model, modelPath: FilePath, seed: Int) throws -> SearchData {
    let samples = try DrawnInputs.dataset(
      for: model, readFrom: modelPath, seed: seed, samples: syntheticSampleCount)
    return SearchData(
      evaluation: samples, calibration: nil, isSynthetic: true,
      messages: [
        "no eval.npz beside \(modelPath): \(syntheticSampleCount) inputs are drawn from the declared types, and "
          + "the verdict rests on them, not on the task",
        "give data with --data: an .npz file with arrays named as the inputs, and 'labels', or a table as .csv",
      ])
  }
}
