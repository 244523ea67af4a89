import CommandLineKit
import Evaluation
import Foundation
import GraphIR
import Journal
import TensorCore

extension SearchCommand {
  /// Where a search that is resumed finds what it has measured already.
  static let journalName = "journal.sqlite"
  private static let argumentsName = "arguments"

  static func journalPath(in folder: String) -> String {
    URL(filePath: folder).appending(path: journalName).path
  }

  /// The search that an earlier run was.
  /// - Throws: `CommandError` where its journal does not say.
  init(ofRunIn folder: FilePath) throws {
    let path = Self.journalPath(in: folder.url.path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandError("\(folder): no result of a search", help: ["name the folder that search wrote"])
    }
    guard let text = try Journal(reading: path).settings()[Self.argumentsName],
      let arguments = try? JSONDecoder().decode([String].self, from: Data(text.utf8)),
      let command = try? SearchCommand(parsing: arguments)
    else { throw CommandError("\(path): does not say how the search was called") }
    self = command
  }

  /// Everything that what is measured depends on.
  func journal(
    of model: Model, _ data: SearchData, in folder: String, engine: String, isResuming: Bool
  ) throws -> Journal {
    let settings = self.settings(of: model, data, engine: engine)
    let arguments = try JSONEncoder().encode(givenArguments)
    return try Journal(
      path: Self.journalPath(in: folder), settings: settings,
      details: [(Self.argumentsName, String(decoding: arguments, as: UTF8.self))], isResuming: isResuming)
  }

  private func settings(of model: Model, _ data: SearchData, engine: String) -> [(
    name: String, value: String
  )] {
    typealias Setting = (name: String, value: String)
    let sources: [Setting] = [
      ("version", workbenchVersion), ("runtime", engine),
      ("model", self.model.url.path), ("model's contents", "\(fingerprint(of: model))"),
      ("data", data.isSynthetic ? data.evaluation.source : FilePath(data.evaluation.source).url.path),
      ("data's contents", data.evaluation.fingerprint),
      ("calibration", data.calibration.map { FilePath($0.source).url.path } ?? ""),
      ("calibration's contents", data.calibration?.fingerprint ?? ""),
    ]
    let judgement: [Setting] = [
      ("output", measuring.output ?? ""), ("metric", measuring.metric?.name ?? ""),
      ("metric command", judging.command ?? ""), ("lower is better", "\(judging.lowerIsBetter)"),
      ("ignored label", measuring.ignoredLabel.map { "\($0)" } ?? ""),
      ("budget", "\(accuracyBudget.limit)"), ("confidence", confidence ?? ""),
    ]
    let running: [Setting] = [
      ("objective", objective.rawValue), ("strategies", strategies.sorted().joined(separator: ",")),
      ("batch", "\(batch)"), ("threads", "\(self.running.threadCount)"), ("seed", "\(seed)"),
      ("trial-timeout", "\(trialTimeout)"), ("memory", memory.memory?.argument ?? ""),
    ]
    return sources + judgement + running
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
