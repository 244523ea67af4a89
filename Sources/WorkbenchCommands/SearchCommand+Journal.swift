import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import Journal
import TensorCore

extension SearchCommand {
  /// Where a search that is resumed finds what it has measured already.
  static let journalName = "journal.sqlite"

  /// Everything that what is measured depends on.
  func journal(
    of model: Model, _ data: SearchData, in folder: ResultFolder, engine: String
  ) throws -> Journal {
    let settings = [
      ("version", workbenchVersion), ("runtime", engine),
      ("model", self.model.url.path), ("model's contents", "\(fingerprint(of: model))"),
      ("data", data.evaluation.source), ("data's contents", data.evaluation.fingerprint),
      ("calibration", data.calibration?.source ?? ""),
      ("calibration's contents", data.calibration?.fingerprint ?? ""),
      ("output", measuring.output ?? ""), ("budget", "\(accuracyBudget.limit)"),
      ("confidence", confidence ?? ""),
      ("objective", objective.rawValue), ("strategies", strategies.sorted().joined(separator: ",")),
      ("batch", "\(batch)"), ("threads", "\(running.threadCount)"), ("seed", "\(seed)"),
      ("trial-timeout", "\(trialTimeout)"),
    ]
    return try Journal(
      path: folder.file(Self.journalName), settings: settings.map { (name: $0.0, value: $0.1) },
      isResuming: resume)
  }

  /// Whether an earlier run in the folder has left something to resume.
  func hasMeasured(in folder: ResultFolder) -> Bool {
    let count = try? Journal(reading: folder.file(Self.journalName)).measurementCount()
    return count ?? 0 > 0
  }

  /// Of the graph and its weights, wherever these are stored.
  private func fingerprint(of model: Model) -> Fingerprint {
    let named = model.named(types: .none)
    let text = ModelPrinter(largeTensors: .leaveOut, elementStyle: .values).print(named)
    let weights = named.graph.initializers.map { String($0.tensor.contentHash, radix: 16) }
    return Fingerprint(of: [Fingerprint(text), Fingerprint(weights.joined(separator: ","))])
  }
}
