extension SensitivityReport {
  private static let columns = [
    "strategy", "kind", "action", "layer", "position", "drop", "drop_lower", "drop_upper", "sqnr_db",
    "bare_drop", "bare_drop_lower", "bare_drop_upper", "bare_sqnr_db", "nodes", "parameters", "bytes", "macs",
    "latency_ratio", "latency_ratio_lower", "latency_ratio_upper", "drop_per_gain", "predicted_error",
    "title", "failure",
  ]

  /// A row for each change, in the order of the report, as RFC 4180 has it, lines ending in CR LF.
  ///
  /// What was not measured is empty, infinity is `inf`. `drop` and `sqnr_db` are with the refitted layer where there
  /// is one; `nodes`, `parameters`, `bytes` and `macs` are what the model needs less.
  public func csv() -> String {
    ([Self.columns] + changes.map(\.cells)).map { row in
      row.map(quoted).joined(separator: ",") + "\r\n"
    }.joined()
  }
}

extension SensitivityReport.Change {
  fileprivate var cells: [String] {
    let saved = gain.map { [$0.nodes, $0.parameters, $0.bytes, $0.macs].map { String($0) } }
    let groups: [[String]] = [
      [strategy, kind, action, layer, String(position)], best?.cells ?? .empty(4), bare?.cells ?? .empty(4),
      saved ?? .empty(4), latency?.ratio.cells ?? .empty(3), [cell(dropPerGain), cell(predictedError)],
      [title, failure ?? ""],
    ]
    return groups.flatMap(\.self)
  }
}

extension SensitivityReport.Effect {
  fileprivate var cells: [String] { drop.cells + [cell(sqnrDecibels)] }
}

extension SearchReport.Estimate {
  fileprivate var cells: [String] { [value, lower, upper].map { cell($0) } }
}

extension [String] {
  fileprivate static func empty(_ count: Int) -> [String] { Array(repeating: "", count: count) }
}

/// No negative zero.
private func cell(_ value: Double?) -> String { value.map { "\($0 == 0 ? 0 : $0)" } ?? "" }

/// In quotes where it has to be. What a spreadsheet would compute is text to it.
private func quoted(_ cell: String) -> String {
  let isNumber = Double(cell) != nil
  let formulas: [Unicode.Scalar] = ["=", "+", "-", "@", "\t"]
  let isFormula = !isNumber && cell.unicodeScalars.first.map(formulas.contains) ?? false
  let text = isFormula ? "'" + cell : cell
  let special: Set<Unicode.Scalar> = [",", "\"", "\n", "\r"]
  guard text.unicodeScalars.contains(where: special.contains) else { return text }
  return "\"" + text.unicodeScalars.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
}
