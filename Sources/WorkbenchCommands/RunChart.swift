import CommandLineKit
import Foundation
import Reporting

/// The chart of a search or a sweep, drawn again from what that left.
enum RunChart {
  case plans(ParetoReport)
  case sensitivity(SensitivityReport)

  /// As many as `sensitivity` draws.
  static let rows = 40

  /// - Parameter path: of a `pareto.json` or a `sensitivity.json`.
  init(readFrom path: FilePath) throws {
    let data: Data
    do {
      data = try Data(contentsOf: path.url)
    } catch {
      throw CommandError(describing: error)
    }
    if let report = try? ParetoReport(json: data) {
      self = .plans(report)
    } else if let report = try? SensitivityReport(json: data) {
      self = .sensitivity(report)
    } else {
      throw CommandError(
        "\(path): is neither a pareto.json nor a sensitivity.json",
        help: ["`workbench search` and `workbench sensitivity` write them"])
    }
  }

  /// - Parameters:
  ///   - title: in place of the chart's own.
  ///   - rows: of a sweep's chart, at most.
  func svg(title: String?, rows: Int) -> String {
    switch self {
    case .plans(let report):
      var plot = report.chart()
      plot.title = title ?? plot.title
      return plot.svg()
    case .sensitivity(let report):
      var plot = report.chart(rows: rows)
      plot.title = title ?? plot.title
      return plot.svg()
    }
  }
}
