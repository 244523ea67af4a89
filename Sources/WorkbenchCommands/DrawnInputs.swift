import CommandLineKit
import Evaluation
import GraphIR
import TensorCore

/// Inputs drawn by their declared types, for commands that were given no data.
enum DrawnInputs {
  /// A model without inputs is run on one sample of nothing.
  /// - Throws: `CommandError` where types say too little, or ask for too much.
  static func dataset(for model: Model, readFrom path: FilePath, seed: Int, samples: Int) throws -> Dataset {
    guard !model.inputSignatures.isEmpty else {
      return try Dataset(source: "no inputs", columns: [.init("", Tensor(int64: [0], [1]))])
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
