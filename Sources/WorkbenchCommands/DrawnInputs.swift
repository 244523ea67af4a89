import CommandLineKit
import Evaluation
import GraphIR

/// Inputs drawn by their declared types, for commands that were given no data.
enum DrawnInputs {
  /// - Throws: `CommandError` where types say too little, or ask for too much.
  static func dataset(for model: Model, readFrom path: FilePath, seed: Int, samples: Int) throws -> Dataset {
    guard !model.inputSignatures.isEmpty else {
      throw CommandError("\(path): the model has no inputs, so that there is nothing to run it on")
    }
    do {
      return try SyntheticInputs(seed: UInt64(seed), samples: samples, model: model)
        .dataset(for: model.inputSignatures)
    } catch let error as DatasetError {
      throw CommandError(
        "\(path): inputs cannot be drawn: \(error)",
        help: ["name an .npz file with arrays for them with --data"])
    }
  }
}
