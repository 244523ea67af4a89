import Foundation
import Journal

extension Search {
  /// Of the models of points together. Weights of the exact model are not among them.
  private static let keptByteLimit = 256 << 20

  /// Lays down everything that was measured in the journal, with the models of as many points as fit, those of the
  /// front first.
  func keepPoints(of planning: Planning, result: PlanState, _ search: Prepared) throws -> [PlanPoint] {
    let plans = planning.points(result: result)
    guard let journal else { return plans.map(\.point) }
    let order = plans.indices.sorted {
      (plans[$0].point.isOnFront ? 0 : 1, $0) < (plans[$1].point.isOnFront ? 0 : 1, $1)
    }
    var models: [Int: [UInt8]] = [:]
    var left = Self.keptByteLimit
    for number in order where !control.isInterrupted || plans[number].point.isOnFront {
      guard let model = try? search.runner.encoder.encode(finished(plans[number].state, search)).bytes,
        model.count <= left
      else { continue }
      models[number] = model
      left -= model.count
    }
    let points = plans.map { plan in
      var point = plan.point
      point.isKept = models[point.number] != nil
      return point
    }
    try journal.setPoints(points.map { (summary: try $0.summary(), model: models[$0.number]) })
    return points
  }
}

extension PlanPoint {
  fileprivate func summary() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// All of a run, in the order of their numbers.
  /// - Throws: `JournalError` where the journal was damaged.
  public static func all(in journal: Journal) throws -> [PlanPoint] {
    try (0..<journal.pointCount()).map { number in
      guard let summary = try journal.point(number)?.summary,
        let point = try? JSONDecoder().decode(PlanPoint.self, from: Data(summary.utf8))
      else { throw JournalError.unusable(path: journal.path, reason: "point \(number) cannot be read") }
      return point
    }
  }
}
