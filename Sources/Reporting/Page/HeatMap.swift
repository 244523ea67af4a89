import Foundation

/// Layers against changes: how far the metric drops when the one change is made at the one layer.
///
/// Each cell says its number; how dark it is says the same. Where the drop could be chance, it is not dark at all.
struct HeatMap {
  private typealias Tag = HTML.Tag

  private struct Place: Hashable {
    var layer: String
    var column: String
  }

  private let columns: [String]
  private let layers: [String]
  private var cells: [Place: (change: SensitivityReport.Change, row: HTML.Anchor?)] = [:]
  /// Drops beyond which a cell is darker, in steps of a factor of about three.
  private let steps: [Double]
  private let report: SensitivityReport

  static let layerLimit = 400
  static let columnLimit = 40

  /// - Parameter row: that the change in this place of the report leads to.
  init(_ report: SensitivityReport, row: (Int) -> HTML.Anchor?) {
    let placed = report.changes.enumerated().filter { $0.element.best != nil }
    let ordered = placed.sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
    layers = Array(ordered.map(\.element.layer).uniqued().prefix(Self.layerLimit))
    columns = Array(
      placed.map { Self.column(of: $0.element) }.uniqued()
        .sorted { $0.compare($1, options: .numeric) == .orderedAscending }.prefix(Self.columnLimit))
    self.report = report
    steps = Self.steps(report)
    for (offset, change) in placed {
      let place = Place(layer: change.layer, column: Self.column(of: change))
      if cells[place] == nil { cells[place] = (change: change, row: row(offset)) }
    }
  }

  var isEmpty: Bool { cells.isEmpty }

  /// Shares of the original's metric. What a command prints may be any number, so that they are shares of the largest
  /// drop that is certain.
  private static func steps(_ report: SensitivityReport) -> [Double] {
    guard report.metricCommand != nil else {
      return shares.map { $0 * max(abs(report.baseline), .leastNormalMagnitude) }
    }
    let certain = report.changes.compactMap { $0.best?.drop }.filter { $0.lower > 0 && $0.value.isFinite }
    let largest = certain.map(\.value).max() ?? 0
    return [0.01, 0.03, 0.1, 0.3].map { $0 * largest }
  }

  private static let shares = [0.003, 0.01, 0.03, 0.1]

  private static func column(of change: SensitivityReport.Change) -> String {
    change.action.isEmpty ? change.strategy : "\(change.strategy) \(change.action)"
  }

  func html(_ title: String, nodes: (SensitivityReport.Change) -> [Int]) -> HTML {
    Tag.div(.class("wide heat"), .role("region"), .label(title), .fixed(.tabindex, "0")) {
      Tag.table {
        Tag.caption(.class("hidden")) { title }
        Tag.thead {
          Tag.tr {
            Tag.th(.fixed(.scope, "col")) { "layer" }
            for column in columns {
              Tag.th(.fixed(.scope, "col"), .class("number")) { column.visible(atMost: 60) }
            }
          }
        }
        Tag.tbody { layers.map { row(of: $0, nodes) } }
      }
    }
  }

  private func row(of layer: String, _ nodes: (SensitivityReport.Change) -> [Int]) -> HTML {
    let found = columns.map { cells[Place(layer: layer, column: $0)] }
    let numbers = found.lazy.compactMap { $0 }.first.map { nodes($0.change) } ?? []
    return Tag.tr(.nodes(numbers)) {
      Tag.th(.fixed(.scope, "row")) { PageParts.link(PageParts.name(layer), toNodes: numbers) }
      for cell in found {
        Tag.td(.class("number " + level(of: cell?.change.best?.drop))) {
          if let cell, let drop = cell.change.best?.drop.value {
            if let row = cell.row {
              Tag.a(.link(to: row)) { report.shown(drop) }
            } else {
              report.shown(drop)
            }
            noise(of: cell.change)
          }
        }
      }
    }
  }

  /// It tells changes apart that no sample is decided differently by.
  private func noise(of change: SensitivityReport.Change) -> HTML? {
    guard let decibels = change.best?.sqnrDecibels else { return nil }
    return Tag.div(.class("quiet")) { "\(fixed(decibels, digits: 0)) dB" }
  }

  private func level(of drop: SearchReport.Estimate?) -> String {
    guard let drop, drop.lower > 0 || drop.upper < 0 || drop.value.isNaN else { return "level0" }
    guard drop.value > 0 else { return "better" }
    return "level\(steps.prefix { drop.value > $0 }.count + 1)"
  }

  var legend: HTML {
    let isShare = report.metricCommand == nil
    let limits =
      isShare
      ? Self.shares.map { "\(fixed(100 * $0, digits: $0 < 0.01 ? 1 : 0)) %" }
      : steps.map { String(format: "%.2g", $0) }
    return Tag.p(.class("heat legend quiet")) {
      "Drop of the \(isShare ? "original's metric" : "command's number") that is certain at 95 %: "
      for (index, text) in (limits.prefix(1).map { "up to \($0)" } + limits.dropFirst() + ["more"])
        .enumerated()
      {
        Tag.span(.class("level\(index + 1)")) { " \(text) " }
      }
      Tag.span(.class("better")) { " a gain " }
      " Unmarked: could be chance. Below it, the signal-to-noise ratio of the output (SQNR): 6 dB are one bit."
    }
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it comes first.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
